import { Writable } from 'node:stream';
import type { AudioPiece } from '../audio/index.js';
import { asWakegateError } from '../errors.js';
import type { ListenerAccount } from '../pipeline.js';
import type { StreamEvents } from './events.js';
import type { Session } from './session.js';
import { WrittenPieces } from './written-pieces.js';

/** Those of the stream's own, and those of every Writable. */
export interface SpotterStreamEvents extends StreamEvents {
  close: [];
  drain: [];
  error: [error: Error];
  finish: [];
}

/** Pieces that wait to be heard before a writer is asked to wait. */
const WAITING_PIECES = 4;

/**
 * A Writable that listens to what is written to it: bytes, Int16Array or Float32Array, of the format that it was made
 * with. It takes more only as fast as the classifier answers. Once it has been ended, `finish` comes when all that was
 * written has been judged, after the last `detection`.
 *
 * Events: `detection`, `gate`, `dropped`, and those of a Writable. `error` comes with a `WakegateError`.
 */
export class SpotterStream extends Writable {
  readonly #pieces = new WrittenPieces<AudioPiece>();
  readonly #session: Session;
  /** Resolves when all has been heard; where it fails the stream is destroyed. */
  readonly #heard: Promise<void>;

  /** @param open makes the session that hears the pieces */
  constructor(open: (pieces: AsyncIterable<AudioPiece>) => Session) {
    // Of objects, since bytes are not all that it takes.
    super({ objectMode: true, highWaterMark: WAITING_PIECES });
    this.#session = open(this.#pieces);
    for (const name of ['detection', 'gate', 'dropped'] as const) {
      this.#session.on(name, (event: unknown) => this.emit(name, event));
    }
    this.#heard = new Promise((resolve) => {
      this.#session.once('over', (fault) => {
        if (fault) this.destroy(asWakegateError(fault, 'WG_INTERNAL', 'the stream could not be listened to'));
        else resolve();
      });
    });
    this.#session.start();
  }

  /** What has gone through it so far. */
  account(): ListenerAccount {
    return this.#session.account();
  }

  override _write(piece: AudioPiece, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#pieces.write(piece).then(() => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#pieces.end();
    this.#heard.then(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pieces.end();
    this.#session.stop().then(
      () => done(error),
      () => done(error),
    );
  }

  override on<Name extends keyof SpotterStreamEvents>(
    event: Name,
    listener: (...args: SpotterStreamEvents[Name]) => void,
  ): this;
  override on(event: string | symbol, listener: Parameters<Writable['on']>[1]): this;
  override on(event: string | symbol, listener: Parameters<Writable['on']>[1]): this {
    return super.on(event, listener);
  }

  override once<Name extends keyof SpotterStreamEvents>(
    event: Name,
    listener: (...args: SpotterStreamEvents[Name]) => void,
  ): this;
  override once(event: string | symbol, listener: Parameters<Writable['once']>[1]): this;
  override once(event: string | symbol, listener: Parameters<Writable['once']>[1]): this {
    return super.once(event, listener);
  }
}
