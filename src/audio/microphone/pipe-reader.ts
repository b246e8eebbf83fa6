import { readSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** No more than this is read at once: as Node's own streams do. */
const LARGEST_READ = 65_536;

/** A timer that is later than this, in ms, was held up with the whole process, and bytes may wait unread. */
const HELD_UP_MS = 250;

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
  /** Nothing has come for too long. */
  onSilence(): void;
}

export interface PipeTimeouts {
  /** How long the first bytes may take to come. */
  readonly startTimeoutMs: number;
  /** How long bytes may stay away after that. */
  readonly dataTimeoutMs: number;
}

/**
 * Reads what a program writes, as it comes or now and then. While resting, the pipe is read past the event loop, which
 * would wake up once more for the first bytes after each reading, only to find that nobody wants them yet; and each look
 * at the pipe shows whether bytes have come, so that no other timer needs to wake the process up.
 */
export class PipeReader {
  readonly #stream: PipeStream;
  readonly #events: PipeEvents;
  readonly #dataTimeoutMs: number;
  #restMs = 0;
  /** The longest rest so far. */
  #longestMs = 0;
  /** While resting: the timer of the next look, and after how long it comes. */
  #looking: NodeJS.Timeout | undefined;
  #waitMs = 0;
  /** While not. */
  #watchdog: NodeJS.Timeout | undefined;
  /** When the watchdog, or the next look, is due. */
  #dueMs = 0;
  #hasData = false;
  /** Whether nothing was left in the pipe when it was read last. */
  #isEmpty = false;
  #lastDataMs = 0;
  #closed = false;
  #buffer: Uint8Array | null = null;

  readonly #look = (): void => {
    const nowMs = performance.now();
    // While this process was held up, or the machine, nobody looked.
    const lateMs = nowMs - this.#dueMs;
    if (lateMs > HELD_UP_MS) this.#lastDataMs += lateMs;
    if (this.#waitMs === this.#longestMs) this.#dueMs = nowMs + this.#waitMs;
    else this.#lookAfter(this.#longestMs);
    const bytes = this.#read();
    if (bytes.length === 0) {
      if (nowMs - this.#lastDataMs >= this.#dataTimeoutMs) this.#events.onSilence();
      this.taken();
      return;
    }
    this.#lastDataMs = nowMs;
    const isNewest = bytes.length < LARGEST_READ;
    this.#isEmpty = isNewest;
    // The rest is read by the event loop, which lets others work on what they have between two readings.
    if (!isNewest) this.#stopResting();
    this.#events.onData(bytes, isNewest);
  };

  /** @param stream of a child process, without an encoding */
  constructor(stream: Readable, { startTimeoutMs, dataTimeoutMs }: PipeTimeouts, events: PipeEvents) {
    this.#stream = stream;
    this.#events = events;
    this.#dataTimeoutMs = dataTimeoutMs;
    this.#watchForSilence(startTimeoutMs);
    stream.on('data', (bytes: Buffer) => this.#receive(bytes));
  }

  /** Whether bytes have ever come. */
  get hasData(): boolean {
    return this.#hasData;
  }

  /**
   * How long the pipe is left alone after all in it has been read, in ms; 0, as at first, to read bytes as they come.
   * Each reading wakes the process up; meanwhile the kernel keeps what comes.
   */
  set restMs(restMs: number) {
    if (restMs === this.#restMs) return;
    this.#restMs = restMs;
    this.#longestMs = Math.max(this.#longestMs, restMs);
    if (restMs === 0) this.#stopResting();
    else if (this.#looking !== undefined) this.taken();
    else if (this.#isEmpty) this.#rest();
  }

  /**
   * To be called when all that was given has been worked on. Until then the next look is as far off as it ever is, since a timer that is put
   * off wakes the process up all the same: what was heard may ask for a shorter rest, and never for a longer one.
   */
  taken(): void {
    if (this.#looking !== undefined && this.#restMs < this.#waitMs) this.#lookAfter(this.#restMs);
  }

  /** Reports nothing any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#watchdog);
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (this.#hasData && this.#watchdog) {
      this.#watchdog.refresh();
      this.#dueMs = performance.now() + this.#dataTimeoutMs;
    } else {
      this.#watchForSilence(this.#dataTimeoutMs);
    }
    this.#hasData = true;
    const isNewest = bytes.length < LARGEST_READ;
    this.#isEmpty = isNewest;
    this.#events.onData(bytes, isNewest);
    if (isNewest && this.#restMs > 0) this.#rest();
  }

  #rest(): void {
    // A listener may have closed it, or have let it rest already.
    if (this.#closed || this.#looking !== undefined) return;
    const handle = this.#stream._handle;
    if (typeof handle?.readStop !== 'function' || !(handle.fd >= 0)) return;
    handle.readStop();
    clearTimeout(this.#watchdog);
    this.#watchdog = undefined;
    this.#lastDataMs = performance.now();
    this.#buffer ??= new Uint8Array(LARGEST_READ);
    this.#lookAfter(this.#restMs);
  }

  #lookAfter(waitMs: number): void {
    clearInterval(this.#looking);
    this.#waitMs = waitMs;
    this.#dueMs = performance.now() + waitMs;
    // Only the longest comes again by itself.
    if (waitMs === this.#longestMs) this.#looking = setInterval(this.#look, waitMs);
    else this.#looking = setTimeout(this.#look, waitMs);
  }

  #stopResting(): void {
    if (this.#looking === undefined) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#stream._handle?.readStart();
    this.#watchForSilence(this.#dataTimeoutMs);
  }

  /** @returns nothing where nothing waits, now or ever: an end shows in the end of the program, or in silence */
  #read(): Uint8Array {
    const buffer = this.#buffer!;
    try {
      return buffer.subarray(0, readSync(this.#stream._handle!.fd, buffer));
    } catch {
      return buffer.subarray(0, 0); // EAGAIN: Node has made it non-blocking
    }
  }

  #watchForSilence(timeoutMs: number): void {
    clearTimeout(this.#watchdog);
    this.#dueMs = performance.now() + timeoutMs;
    this.#watchdog = setTimeout(() => {
      // A process that was held up runs its timers before it reads: what waits in the pipe is read first.
      if (performance.now() - this.#dueMs > HELD_UP_MS) this.#watchForSilence(timeoutMs);
      else this.#events.onSilence();
    }, timeoutMs);
  }
}
