import { Session } from 'node:inspector/promises';

/** Which code has run, by V8's own account: how often each block did, in powers of two. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  static async start(): Promise<Coverage> {
    const coverage = new Coverage();
    coverage.#session.connect();
    await coverage.#session.post('Profiler.enable');
    await coverage.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    return coverage;
  }

  /**
   * Whether code ran since the last call that had never run before, or never so often.
   *
   * @param code parts of the URLs of the code that counts
   */
  async isNew(code: readonly string[]): Promise<boolean> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const before = this.#seen.size;
    for (const { url, functions } of result) {
      if (!code.some((part) => url.includes(part))) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, count } of ranges)
          if (count > 0) this.#seen.add(`${url}:${startOffset}:${Math.clz32(count)}`);
      }
    }
    return this.#seen.size > before;
  }
}
