import { readSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** No more than this is read at once: as Node's own streams do. */
const LARGEST_READ = 65_536;

/**
 * A pipe with Node's own handle on it, which nothing documents. It alone can leave the kernel's buffer unread: a paused
 * stream is read on until its own buffer is full, at a wake-up for each write. Where it is missing there are no rests.
 */
type PipeStream = Readable & {
  _handle?: { readonly fd: number; readStart(): void; readStop(): void } | null;
};

export interface PipeEvents {
  /** Bytes, valid only until this returns. `isNewest`: no younger ones wait to be read. */
  onData(bytes: Uint8Array, isNewest: boolean): void;
  /** While resting: nothing has come since the last look. */
  onNothing(): void;
}

/**
 * Reads what a program writes, as it comes or now and then. While resting, the pipe is read past the event loop, which
 * would wake up once more for the first bytes after each reading, only to find that nobody wants them yet.
 */
export class PipeReader {
  readonly #stream: PipeStream;
  readonly #events: PipeEvents;
  #restMs = 0;
  #looking: NodeJS.Timeout | undefined;
  #buffer: Uint8Array | null = null;

  /** @param stream of a child process, without an encoding */
  constructor(stream: Readable, events: PipeEvents) {
    this.#stream = stream;
    this.#events = events;
    stream.on('data', (bytes: Buffer) => events.onData(bytes, bytes.length < LARGEST_READ));
  }

  /** Time between looks at the pipe, in ms; 0 where bytes are read as they come. */
  get restMs(): number {
    return this.#restMs;
  }

  /**
   * Looks at the pipe only every `restMs` from now on; the kernel keeps what comes meanwhile.
   * @returns whether it can
   */
  rest(restMs: number): boolean {
    const handle = this.#stream._handle;
    if (typeof handle?.readStop !== 'function' || !(handle.fd >= 0)) return false;
    this.stopResting();
    handle.readStop();
    this.#buffer ??= new Uint8Array(LARGEST_READ);
    this.#restMs = restMs;
    this.#looking = setInterval(() => this.#look(), restMs);
    return true;
  }

  /** Reads bytes as they come again, and at once those that have come meanwhile. */
  stopResting(): void {
    if (this.#looking === undefined) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#restMs = 0;
    this.#stream._handle?.readStart();
  }

  #look(): void {
    const buffer = this.#buffer!;
    let length: number;
    // As long as who is told still wants to rest.
    do {
      length = this.#read(buffer);
      if (length > 0) this.#events.onData(buffer.subarray(0, length), length < LARGEST_READ);
      else this.#events.onNothing();
    } while (length === LARGEST_READ && this.#looking !== undefined);
  }

  /** @returns bytes read; 0 where there are none, now or ever: an end shows in the end of the program, or in silence */
  #read(buffer: Uint8Array): number {
    try {
      return readSync(this.#stream._handle!.fd, buffer);
    } catch {
      return 0; // EAGAIN: Node has made it non-blocking
    }
  }
}
