import { SHARE_ENV, Worker } from 'node:worker_threads';
import { WakegateError } from '../errors.js';
import { Deadline } from './deadline.js';
import { MemoryWatch } from './memory-watch.js';
import type { FromWorker, ToWorker, WorkerModel } from './protocol.js';
import type { BackendChoice } from './types.js';

type Loaded = Extract<FromWorker, { kind: 'loaded' }>;
type Answers = Extract<FromWorker, { kind: 'answers' }>;
type Looked = Extract<FromWorker, { kind: 'looked' }>;

/** What can happen in the life of a worker. After `onDeath` nothing more is said. */
export interface WorkerEvents {
  onLoaded(loaded: Loaded): void;
  /** It cannot do its work, now or later: the backend or the model is at fault. */
  onUnloadable(error: WakegateError): void;
  onAnswers(answers: Answers): void;
  onLooked(looked: Looked): void;
  /** The second look was loaded, for so much CPU time. */
  onPrepared(cpuMs: number): void;
  /** It ended without being asked to, or hung and is being ended. */
  onDeath(reason: string, ending: Promise<void> | null): void;
}

/**
 * The worker runs the small back half of a pack with about 25 MB of heap. The limit is there so that a leak or a
 * monstrous model ends the worker and not the process.
 */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

/** What a worker may take. One that takes more is ended. */
export interface WorkerLimits {
  /** From its start to its being awake, in ms. */
  readonly wakeMs: number;
  /** From a batch to its answers, in ms. */
  readonly batchMs: number;
  /** Until its next answer, or its being awake, while others wait for it to end, in ms. */
  readonly hurryMs: number;
  /** By which the process may grow while it loads the model. */
  readonly loadMegabytes: number;
}

/** A slow board under load wakes in a few seconds, and answers a batch in one. */
export const WORKER_LIMITS: WorkerLimits = {
  wakeMs: 60_000,
  batchMs: 15_000,
  hurryMs: 10_000,
  loadMegabytes: 256,
};

/** Waking with libtensorflow takes 370 MB by itself. */
const NATIVE_MEGABYTES = 1024;
/** A thread that is caught in native code may never end. It is not waited for any longer. */
const MOST_ENDING_MS = 2000;

/** One worker thread from its start to its end. */
export class WorkerLife {
  readonly startedAtMs = performance.now();
  readonly #worker: Worker;
  readonly #limits: WorkerLimits;
  readonly #deadline: Deadline;
  readonly #memory: MemoryWatch;
  #over = false;

  constructor(backend: BackendChoice, model: WorkerModel, events: WorkerEvents, limits = WORKER_LIMITS) {
    this.#limits = limits;
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      name: 'wakegate-classifier',
      resourceLimits: RESOURCE_LIMITS,
      // None of the process's own flags: a worker refuses some of them, such as --input-type.
      execArgv: [],
      // libtensorflow reads its settings from the real environment, not from a copy of it.
      env: SHARE_ENV,
    });
    this.#deadline = new Deadline((afterMs) => {
      const ending = this.end();
      events.onDeath(`it gave no answer within ${afterMs / 1000} s`, ending);
    });
    const megabytes =
      backend === 'wasm' || backend === 'simd'
        ? limits.loadMegabytes
        : Math.max(NATIVE_MEGABYTES, limits.loadMegabytes);
    this.#memory = new MemoryWatch(megabytes * 1024 * 1024, () => {
      const problem = `its back half takes more than ${megabytes} MB of memory to load`;
      events.onUnloadable(new WakegateError('WG_MODEL_INVALID', `${problem}; train a smaller one`));
    });
    this.#listen(events);
    this.#deadline.start(limits.wakeMs);
    this.#post({ kind: 'load', backend, model });
  }

  send(messages: readonly Uint8Array[]): void {
    this.#deadline.start(this.#limits.batchMs);
    this.#post({ kind: 'batch', messages });
  }

  look(samples: Int16Array): void {
    this.#deadline.start(this.#limits.batchMs);
    this.#post({ kind: 'look', samples });
  }

  /** Others wait for this worker to end: what it owes is due sooner. */
  hurry(): void {
    this.#deadline.shorten(this.#limits.hurryMs);
  }

  /** Whether the process must stay alive for this worker. */
  keepProcessAlive(keep: boolean): void {
    if (keep) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Ends the thread and frees its memory; no event follows. */
  async end(): Promise<void> {
    this.#finish();
    let timer: NodeJS.Timeout | undefined;
    const given = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MOST_ENDING_MS);
    });
    await Promise.race([this.#worker.terminate(), given]);
    clearTimeout(timer);
  }

  #finish(): void {
    this.#over = true;
    this.#deadline.stop();
    this.#memory.stop();
  }

  #listen(events: WorkerEvents): void {
    let reason = '';
    this.#worker.on('message', (message: FromWorker) => {
      if (this.#over) return;
      if (message.kind === 'prepared') {
        events.onPrepared(message.cpuMs);
        return;
      }
      this.#deadline.stop();
      this.#memory.stop();
      if (message.kind === 'loaded') events.onLoaded(message);
      else if (message.kind === 'answers') events.onAnswers(message);
      else if (message.kind === 'looked') events.onLooked(message);
      else events.onUnloadable(new WakegateError(message.code, message.message));
    });
    this.#worker.on('error', (error: unknown) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    // `exit` comes after the last message and after `error`, so what is unanswered now will stay so.
    this.#worker.on('exit', (code) => {
      if (this.#over) return;
      this.#finish();
      events.onDeath(reason || `exit code ${code}`, null);
    });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
