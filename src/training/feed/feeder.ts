import { Worker } from 'node:worker_threads';

/** Requests that are under way beside the one that is waited for. */
const AHEAD = 4;

/**
 * A worker thread that makes batches beside training: it first sends `Ready`, then one `Batch` for each message.
 */
export class Feeder<Ready, Batch> {
  readonly #worker: Worker;
  readonly #waiting: ((batch: Batch) => void)[] = [];
  readonly #made: Batch[] = [];
  readonly ready: Ready;

  private constructor(worker: Worker, ready: Ready) {
    this.#worker = worker;
    this.ready = ready;
    worker.on('message', (batch: Batch) => {
      const taker = this.#waiting.shift();
      if (taker) taker(batch);
      else this.#made.push(batch);
    });
  }

  static async start<Ready, Batch>(script: URL, settings: object): Promise<Feeder<Ready, Batch>> {
    const worker = new Worker(script, { workerData: settings });
    const ready = await new Promise<Ready>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    worker.removeAllListeners('error');
    const feeder = new Feeder<Ready, Batch>(worker, ready);
    for (let i = 0; i < AHEAD; i++) worker.postMessage('next');
    return feeder;
  }

  async next(): Promise<Batch> {
    this.#worker.postMessage('next');
    // Lets in the batches that came while TensorFlow held the thread.
    await new Promise((resolve) => setImmediate(resolve));
    return this.#made.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
