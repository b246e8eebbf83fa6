import { SHARE_ENV, Worker } from 'node:worker_threads';
import { WakegateError } from '../errors.js';
import type { FromWorker, ToWorker, WorkerModel } from './protocol.js';
import type { BackendChoice } from './types.js';

type Loaded = Extract<FromWorker, { kind: 'loaded' }>;
type Answers = Extract<FromWorker, { kind: 'answers' }>;

/** What can happen in the life of a worker. After `onDeath` nothing more is said. */
export interface WorkerEvents {
  onLoaded(loaded: Loaded): void;
  /** It cannot do its work, now or later: the backend or the model is at fault. */
  onUnloadable(error: WakegateError): void;
  onAnswers(answers: Answers): void;
  /** It ended without being asked to. */
  onDeath(reason: string): void;
}

/**
 * The worker runs the small back half of a pack with about 25 MB of heap. The limit is there so that a leak or a
 * monstrous model ends the worker and not the process.
 */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

/** One worker thread from its start to its end. */
export class WorkerLife {
  readonly startedAtMs = performance.now();
  readonly #worker: Worker;
  #over = false;

  constructor(backend: BackendChoice, model: WorkerModel, events: WorkerEvents) {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      name: 'wakegate-classifier',
      resourceLimits: RESOURCE_LIMITS,
      // None of the process's own flags: a worker refuses some of them, such as --input-type.
      execArgv: [],
      // libtensorflow reads its settings from the real environment, not from a copy of it.
      env: SHARE_ENV,
    });
    this.#listen(events);
    this.#post({ kind: 'load', backend, model });
  }

  send(messages: readonly Uint8Array[]): void {
    this.#post({ kind: 'batch', messages });
  }

  /** Whether the process must stay alive for this worker. */
  keepProcessAlive(keep: boolean): void {
    if (keep) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Ends the thread and frees its memory; no event follows. */
  async end(): Promise<void> {
    this.#over = true;
    await this.#worker.terminate();
  }

  #listen(events: WorkerEvents): void {
    let reason = '';
    this.#worker.on('message', (message: FromWorker) => {
      if (this.#over) return;
      if (message.kind === 'loaded') events.onLoaded(message);
      else if (message.kind === 'answers') events.onAnswers(message);
      else events.onUnloadable(new WakegateError(message.code, message.message));
    });
    this.#worker.on('error', (error: unknown) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    // `exit` comes after the last message and after `error`, so what is unanswered now will stay so.
    this.#worker.on('exit', (code) => {
      if (this.#over) return;
      this.#over = true;
      events.onDeath(reason || `exit code ${code}`);
    });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
