import { fstatSync, write, writeSync } from 'node:fs';
import { isoTime } from '../iso-time.js';

const STDOUT = 1;
const NEWLINE = 0x0a;
/** What may wait for a reader, or a disk, that is slow. */
const MOST_WAITING_BYTES = 256 * 1024;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/**
 * The log on stdout, for a daemon that outlives it: a disk that is full, a pipe that nobody reads, or a reader that has
 * gone, neither stops nor ends the process. What cannot be written is dropped and counted, and the count is the first
 * line once it works again.
 */
export class LogLines {
  /** Called when lines are lost, with the reason in a sentence, and with null when it works again. */
  onTrouble: (problem: string | null) => void = () => {};
  /** A pipe or a socket, which libuv writes to without waiting; what else there is goes to a thread that waits. */
  readonly #isPipe: boolean;
  #waiting: string[] = [];
  #waitingBytes = 0;
  /** Lines that were lost, and are not told of yet. */
  #lost = 0;
  #why = '';
  #busy = false;
  /** Whether the last line that was written was cut. */
  #isTorn = false;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | null = null;

  constructor() {
    const kind = fstatSync(STDOUT);
    this.#isPipe = kind.isFIFO() || kind.isSocket();
    if (this.#isPipe) {
      // Other commands end when their reader does.
      process.stdout.removeAllListeners('error');
      process.stdout.on('error', () => {});
    }
    process.once('exit', () => this.#writeLast());
  }

  /** Takes a line with its end. Never waits, and never throws. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#waitingBytes + bytes > MOST_WAITING_BYTES) {
      this.#lose(1, 'nobody reads it, or the disk is too slow');
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += bytes;
    this.#next();
  }

  #next(): void {
    if (this.#busy || (this.#waiting.length === 0 && this.#lost === 0)) return;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#busy = true;
    const lines = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const told = this.#lost;
    const start = Buffer.from(`${this.#isTorn ? '\n' : ''}${told > 0 ? lostLine(told, this.#why) : ''}`);
    const bytes = Buffer.concat([start, Buffer.from(lines.join(''))]);
    this.#put(bytes, 0, (error, written) => {
      this.#busy = false;
      if (written > 0) this.#isTorn = bytes[written - 1] !== NEWLINE;
      if (told > 0 && written >= start.length) this.#lost -= told;
      if (error === null) this.#recovered(told > 0);
      else this.#lose(Math.min(lines.length, endsIn(bytes.subarray(written))), error.message);
      if (this.#waiting.length > 0) this.#next();
    });
  }

  #put(bytes: Buffer, from: number, done: (error: Error | null, written: number) => void): void {
    if (this.#isPipe) {
      process.stdout.write(bytes, (error) => done(error ?? null, error ? 0 : bytes.length));
      return;
    }
    write(STDOUT, bytes, from, bytes.length - from, null, (error, count) => {
      if (error) done(error, from);
      else if (from + count < bytes.length) this.#put(bytes, from + count, done);
      else done(null, bytes.length);
    });
  }

  #recovered(hadTold: boolean): void {
    this.#retryMs = FIRST_RETRY_MS;
    if (hadTold && this.#lost === 0) this.onTrouble(null);
  }

  #lose(count: number, why: string): void {
    this.#lost += count;
    this.#why = why;
    if (!this.#busy && this.#retry === null && this.#lost > 0) {
      this.#retry = setTimeout(() => {
        this.#retry = null;
        this.#next();
      }, this.#retryMs).unref();
      this.#retryMs = Math.min(LONGEST_RETRY_MS, 2 * this.#retryMs);
    }
    this.onTrouble(`lines of the log are lost: ${why}`);
  }

  /** What came too late for the loop of events. */
  #writeLast(): void {
    if (this.#waiting.length === 0) return;
    const text = this.#waiting.join('');
    try {
      if (this.#isPipe) process.stdout.write(text);
      else writeSync(STDOUT, text);
    } catch {
      // There is nobody left to tell.
    }
  }
}

function lostLine(count: number, why: string): string {
  const msg = `${count} ${count === 1 ? 'line' : 'lines'} of the log could not be written: ${why}`;
  return `${JSON.stringify({ level: 'warn', time: isoTime(Date.now()), lost: count, msg })}\n`;
}

function endsIn(bytes: Uint8Array): number {
  let ends = 0;
  for (const byte of bytes) if (byte === NEWLINE) ends++;
  return ends;
}
