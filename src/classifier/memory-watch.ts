/** How often the memory is looked at, in ms: a model that is far too large takes longer to fill it. */
const LOOK_MS = 25;

/**
 * Watches the memory of the process while a worker loads a model. WebAssembly's memory and typed arrays are outside of
 * V8's heap, so that no `resourceLimits` of a worker hold them.
 */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout;

  /**
   * @param mostBytes that the process may grow by from now on
   * @param exceeded called once, when it has grown by more
   */
  constructor(mostBytes: number, exceeded: () => void) {
    const before = process.memoryUsage.rss();
    this.#timer = setInterval(() => {
      if (process.memoryUsage.rss() - before <= mostBytes) return;
      this.stop();
      exceeded();
    }, LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
