import { Worker } from 'node:worker_threads';
import type { OnProgress, TrainingProgress } from '../progress.js';

/** Requests in progress in addition to the one that is waited for. */
const AHEAD = 4;

/** What a feeder's script posts before its first batch: its progress while it prepares, then that it is ready. */
export type FeederMessage<Ready> = { readonly progress: TrainingProgress } | { readonly ready: Ready };

interface Waiting<Batch> {
  resolve(batch: Batch): void;
  reject(error: Error): void;
}

/** A worker thread that makes batches next to training: one for each message, after it has said that it is ready. */
export class Feeder<Ready, Batch> {
  readonly #worker: Worker;
  readonly #waiting: Waiting<Batch>[] = [];
  readonly #made: Batch[] = [];
  #fault: Error | null = null;
  readonly ready: Ready;

  private constructor(worker: Worker, ready: Ready) {
    this.#worker = worker;
    this.ready = ready;
    worker.on('message', (batch: Batch) => {
      const taker = this.#waiting.shift();
      if (taker) taker.resolve(batch);
      else this.#made.push(batch);
    });
    worker.on('error', (fault: Error) => {
      this.#fault = fault;
      for (const { reject } of this.#waiting.splice(0)) reject(fault);
    });
  }

  /** @throws whatever the script throws while it prepares */
  static async start<Ready, Batch>(
    script: URL,
    settings: object,
    onProgress?: OnProgress,
  ): Promise<Feeder<Ready, Batch>> {
    const worker = new Worker(script, { workerData: settings });
    const ready = await new Promise<Ready>((resolve, reject) => {
      worker.on('message', (message: FeederMessage<Ready>) => {
        if ('progress' in message) onProgress?.(message.progress);
        else resolve(message.ready);
      });
      worker.once('error', reject);
    });
    worker.removeAllListeners('message');
    worker.removeAllListeners('error');
    const feeder = new Feeder<Ready, Batch>(worker, ready);
    for (let i = 0; i < AHEAD; i++) worker.postMessage('next');
    return feeder;
  }

  /** @throws whatever the script has thrown */
  async next(): Promise<Batch> {
    this.#worker.postMessage('next');
    // Lets in the batches that came while TensorFlow held the thread.
    await new Promise((resolve) => setImmediate(resolve));
    const made = this.#made.shift();
    if (made) return made;
    if (this.#fault) throw this.#fault;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
