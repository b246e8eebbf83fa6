import { parentPort } from 'node:worker_threads';
import { asWakegateError } from '../../errors.js';
import { RawPcmConverter } from '../codecs/raw-pcm.js';
import { encodedBlocks } from '../encoded-blocks.js';
import { JobBudget } from './job-budget.js';
import {
  BLOCK_SAMPLES,
  type DecodeRequest,
  type FromDecoder,
  MAX_AHEAD,
  type ToDecoder,
} from './protocol.js';

/** The thread that decodes and resamples, so that nothing that anyone sends runs on the thread that listens. */

const port = parentPort!;

interface Job {
  take(bytes: Uint8Array): void;
  resample(bytes: Uint8Array<ArrayBuffer>, room: ArrayBuffer): void;
  end(): void;
  more(): void;
  close(): void;
}

const jobs = new Map<number, Job>();

port.on('message', (message: ToDecoder) => {
  const { kind, job: number } = message;
  if (kind === 'decode') jobs.set(number, new DecodeJob(number, message.request));
  else if (kind === 'convert') jobs.set(number, new ConvertJob(number, RawPcmConverter.create(message.raw)));
  else if (kind === 'piece') jobs.get(number)?.take(message.bytes);
  else if (kind === 'resample') jobs.get(number)?.resample(message.bytes, message.room);
  else if (kind === 'end') jobs.get(number)?.end();
  else if (kind === 'more') jobs.get(number)?.more();
  else jobs.get(number)?.close();
});

/** Decodes a file, or raw samples, as its pieces come. */
class DecodeJob implements Job {
  readonly #number: number;
  readonly #budget: JobBudget;
  #ahead = 0;
  #closed = false;
  #onPiece: ((bytes: Uint8Array | null) => void) | null = null;
  #onMore: (() => void) | null = null;

  constructor(number: number, request: DecodeRequest) {
    this.#number = number;
    this.#budget = new JobBudget(request.name);
    this.#run(request).catch((error: unknown) => this.#fail(error, request.name));
  }

  take(bytes: Uint8Array): void {
    this.#resume(bytes);
  }

  resample(): void {}

  end(): void {
    this.#resume(null);
  }

  more(): void {
    this.#ahead--;
    const onMore = this.#onMore;
    this.#onMore = null;
    onMore?.();
  }

  close(): void {
    this.#closed = true;
    this.#resume(null);
    this.more();
  }

  async #run({ name, raw, channel }: DecodeRequest): Promise<void> {
    let warning: string | null = null;
    const onCut = (sentence: string): void => {
      warning = `${sentence}; what there is was heard`;
    };
    const blocks = encodedBlocks(this.#pieces(), {
      name,
      raw,
      channel,
      onCut,
      onFreed: () => this.#budget.collect(),
    });
    let block = new Int16Array(BLOCK_SAMPLES);
    let filled = 0;
    for await (const samples of blocks) {
      this.#budget.spend(samples.length);
      for (let at = 0; at < samples.length; ) {
        const taken = Math.min(BLOCK_SAMPLES - filled, samples.length - at);
        block.set(samples.subarray(at, at + taken), filled);
        at += taken;
        filled += taken;
        if (filled < BLOCK_SAMPLES) continue;
        await this.#give(block);
        if (this.#closed) break;
        block = new Int16Array(BLOCK_SAMPLES);
        filled = 0;
      }
      if (this.#closed) break;
    }
    if (filled > 0 && !this.#closed) await this.#give(block.slice(0, filled));
    this.#finish({ kind: 'done', job: this.#number, warning });
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await new Promise<Uint8Array | null>((resolve) => {
        this.#onPiece = resolve;
        if (this.#closed) this.#resume(null);
        else send({ kind: 'wants', job: this.#number });
      });
      if (!piece) return;
      this.#budget.spend(0);
      yield piece;
    }
  }

  #resume(piece: Uint8Array | null): void {
    const onPiece = this.#onPiece;
    this.#onPiece = null;
    onPiece?.(piece);
  }

  async #give(samples: Int16Array): Promise<void> {
    send({ kind: 'samples', job: this.#number, samples }, [samples.buffer as ArrayBuffer]);
    this.#ahead++;
    if (this.#ahead < MAX_AHEAD || this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#onMore = resolve;
    });
  }

  #fail(error: unknown, name: string): void {
    const { code, message } = asWakegateError(error, 'WG_AUDIO_INVALID', `${name} cannot be decoded`);
    this.#finish({ kind: 'fault', job: this.#number, code, message });
  }

  #finish(last: FromDecoder): void {
    jobs.delete(this.#number);
    if (!this.#closed) send(last);
  }
}

/** Resamples a stream: each piece is answered by what came out of it. */
class ConvertJob implements Job {
  readonly #number: number;
  readonly #converter: Promise<RawPcmConverter>;

  constructor(number: number, converter: Promise<RawPcmConverter>) {
    this.#number = number;
    this.#converter = converter;
  }

  take(): void {}

  resample(bytes: Uint8Array<ArrayBuffer>, room: ArrayBuffer): void {
    this.#answer((converter) => {
      const made = converter.push(bytes);
      const fits = made.byteLength <= room.byteLength;
      const samples = new Int16Array(fits ? room : new ArrayBuffer(made.byteLength), 0, made.length);
      samples.set(made);
      send({ kind: 'resampled', job: this.#number, samples, bytes: bytes.buffer }, [
        samples.buffer,
        bytes.buffer,
      ]);
    });
  }

  end(): void {
    this.#answer((converter) => {
      const samples = converter.flush().slice();
      send({ kind: 'samples', job: this.#number, samples }, [samples.buffer as ArrayBuffer]);
    });
  }

  more(): void {}

  close(): void {
    jobs.delete(this.#number);
    this.#converter.then(
      (converter) => converter.close(),
      () => {},
    );
  }

  #answer(convert: (converter: RawPcmConverter) => void): void {
    this.#converter.then(convert).catch((error: unknown) => {
      const { code, message } = asWakegateError(error, 'WG_INTERNAL', 'the stream cannot be resampled');
      send({ kind: 'fault', job: this.#number, code, message });
      this.close();
    });
  }
}

function send(message: FromDecoder, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
