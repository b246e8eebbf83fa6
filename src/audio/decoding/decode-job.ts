import { WakegateError } from '../../errors.js';
import { type DecodeRequest, type FromDecoder, MAX_AHEAD, PIECE_BYTES } from './protocol.js';
import type { DecodingThread } from './thread.js';

/** Decodes one file on a thread: gives it pieces when it wants them, and takes blocks of samples. */
export class DecodeJob {
  /** Known at the end. */
  warning: string | null = null;
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #request: DecodeRequest;
  readonly #blocks: Int16Array[] = [];
  /** Blocks that the thread has not yet been told are used. */
  #ahead = 0;
  #end: 'done' | { readonly fault: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(pieces: AsyncIterable<Uint8Array>, request: DecodeRequest) {
    this.#pieces = pieces;
    this.#request = request;
  }

  /** Whether it was decoded to its end. */
  get done(): boolean {
    return this.#end === 'done';
  }

  /** @throws WakegateError for what is wrong with the audio; whatever the pieces throw */
  async *blocks(thread: DecodingThread, job: number): AsyncGenerator<Int16Array> {
    const pieces = cut(this.#pieces);
    /** One at a time: the thread asks for the next when it has used up the last. */
    let feeding: Promise<void> = Promise.resolve();
    const feed = async (): Promise<void> => {
      try {
        const { value, done } = await pieces.next();
        if (done) thread.send({ kind: 'end', job }, true);
        else thread.send({ kind: 'piece', job, bytes: value }, true, [value.buffer as ArrayBuffer]);
      } catch (error) {
        this.#finish({ fault: error });
      }
    };
    thread.open(job, {
      name: this.#request.name,
      onMessage: (message) => {
        if (message.kind === 'wants') feeding = feed();
        else this.#take(message);
      },
      onFault: (fault) => this.#finish({ fault }),
    });
    thread.send({ kind: 'decode', job, request: this.#request }, true);
    try {
      for (;;) {
        const block = this.#blocks.shift();
        if (block) {
          yield block;
          // A thread that is as far ahead as it may be continues now, and so owes an answer.
          thread.send({ kind: 'more', job }, this.#ahead === MAX_AHEAD);
          this.#ahead--;
        } else if (this.#end === 'done') {
          return;
        } else if (this.#end) {
          throw this.#end.fault;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      thread.close(job);
      // Pieces that are waited for may never come: their producer is let know without waiting.
      void feeding.then(() => pieces.return(undefined)).catch(() => {});
    }
  }

  #take(message: FromDecoder): void {
    if (message.kind === 'samples') {
      this.#blocks.push(message.samples);
      this.#ahead++;
      this.#wakeUp();
    } else if (message.kind === 'done') {
      this.warning = message.warning;
      this.#finish('done');
    } else if (message.kind === 'fault') {
      this.#finish({ fault: new WakegateError(message.code, message.message) });
    }
  }

  #finish(end: 'done' | { readonly fault: unknown }): void {
    this.#end ??= end;
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

/** Copies of the pieces, of a bounded size, that can be handed over: a view would take its whole buffer along. */
async function* cut(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      yield Uint8Array.prototype.slice.call(piece, at, at + PIECE_BYTES);
    }
  }
}
