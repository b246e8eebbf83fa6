import { Worker } from 'node:worker_threads';
import { WakegateError } from '../../errors.js';
import { tooCostly } from './job-budget.js';
import type { FromDecoder, ToDecoder } from './protocol.js';

/** Of the heap; buffers and decoders are outside it, see `JobBudget`. Decoding takes 8 MB of it. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 20, maxYoungGenerationSizeMb: 2 };
/** A block of samples takes some milliseconds. Whoever gives no sign for so long hangs. */
const STALL_MS = 15_000;

/** What a job hears of its thread. After a fault nothing more is said. */
export interface JobEvents {
  /** What the audio is called in errors. */
  readonly name: string;
  onMessage(message: FromDecoder): void;
  onFault(fault: WakegateError): void;
}

/**
 * One thread that decodes, from its start to its end. It is ended when a job hangs or takes too much memory; the jobs on
 * it fail with that.
 */
export class DecodingThread {
  readonly #worker: Worker;
  readonly #jobs = new Map<number, JobEvents>();
  readonly #stallMs: number;
  readonly #onEnd: () => void;
  /** Jobs that owe an answer to what they were sent. */
  readonly #owing = new Set<number>();
  #watch: NodeJS.Timeout | null = null;
  #lastSignMs = 0;
  #ended = false;

  /** @param onEnd called when no more jobs can be opened */
  constructor(onEnd: () => void, stallMs = STALL_MS) {
    this.#onEnd = onEnd;
    this.#stallMs = stallMs;
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      name: 'wakegate-decoding',
      resourceLimits: RESOURCE_LIMITS,
      // None of the process's own flags: a worker refuses some of them, such as --input-type.
      execArgv: [],
      // Decoders print what is wrong with the sound; its sender is told, and the log is not theirs.
      stdout: true,
      stderr: true,
    });
    this.#worker.unref();
    this.#worker.on('message', (message: FromDecoder) => this.#take(message));
    let outOfMemory = false;
    let reason = '';
    this.#worker.on('error', (error: unknown) => {
      outOfMemory = (error as NodeJS.ErrnoException)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
      reason = error instanceof Error ? error.message : String(error);
    });
    this.#worker.on('exit', () => {
      this.#fail(({ name }) =>
        outOfMemory
          ? tooCostly(name, 'memory')
          : new WakegateError('WG_INTERNAL', `${name} could not be decoded: its thread ended (${reason})`),
      );
    });
  }

  /** Jobs that are open. */
  get jobs(): number {
    return this.#jobs.size;
  }

  get ended(): boolean {
    return this.#ended;
  }

  open(job: number, events: JobEvents): void {
    this.#jobs.set(job, events);
    this.#worker.ref();
  }

  /** @param owes whether an answer is due to it */
  send(message: ToDecoder, owes: boolean, transfer: ArrayBuffer[] = []): void {
    if (this.#ended) return;
    this.#worker.postMessage(message, transfer);
    if (!owes) return;
    this.#owing.add(message.job);
    if (this.#watch) return;
    this.#lastSignMs = performance.now();
    this.#watch = setTimeout(() => this.#look(), this.#stallMs).unref();
  }

  /** Forgets a job; the thread closes what it holds of it. */
  close(job: number): void {
    if (!this.#jobs.delete(job)) return;
    this.#owing.delete(job);
    this.send({ kind: 'close', job }, false);
    if (this.#jobs.size === 0) this.#worker.unref();
  }

  async end(): Promise<void> {
    this.#fail(
      ({ name }) => new WakegateError('WG_NOT_READY', `${name} is not decoded: wakegate is stopping`),
    );
    await this.#worker.terminate();
  }

  #take(message: FromDecoder): void {
    this.#lastSignMs = performance.now();
    this.#owing.delete(message.job);
    const events = this.#jobs.get(message.job);
    if (message.kind === 'done' || message.kind === 'fault') {
      this.#jobs.delete(message.job);
      if (this.#jobs.size === 0) this.#worker.unref();
    }
    events?.onMessage(message);
  }

  #look(): void {
    this.#watch = null;
    // What has come while this thread itself was held up is taken first.
    setImmediate(() => {
      if (this.#ended || this.#owing.size === 0) return;
      const silentMs = performance.now() - this.#lastSignMs;
      if (silentMs < this.#stallMs) {
        this.#watch ??= setTimeout(() => this.#look(), this.#stallMs - silentMs).unref();
        return;
      }
      this.#fail(({ name }) => tooCostly(name, 'time'));
      void this.#worker.terminate();
    });
  }

  #fail(faultOf: (events: JobEvents) => WakegateError): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#watch) clearTimeout(this.#watch);
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const events of jobs) events.onFault(faultOf(events));
    this.#onEnd();
  }
}
