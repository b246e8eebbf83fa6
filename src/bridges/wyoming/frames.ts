import { WakegateError } from '../../errors.js';

/** An event of the Wyoming protocol, before its payload. */
export interface WyomingEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Bytes that follow. */
  readonly payloadBytes: number;
  /** Bytes of JSON that were read for it. */
  readonly jsonBytes: number;
}

/** Of the line that every event begins with. */
export const MAX_LINE_BYTES = 8 * 1024;
/** Of the JSON after it, where it is read. */
export const MAX_DATA_BYTES = 16 * 1024;
/** Of what follows that, and of JSON that nobody reads: five seconds of stereo at 48 kHz. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** The version of the Wyoming protocol whose events these are. */
const PROTOCOL_VERSION = '1.10.0';

const NEWLINE = 10;
const NOTHING = new Uint8Array(0);

/**
 * Cuts a stream of bytes into events and pieces of their payloads. A frame is a line of JSON, `{"type", "data"?,
 * "data_length"?, "payload_length"?}`, then so many bytes of JSON whose members replace those of `data`, then so many bytes
 * of payload (https://github.com/rhasspy/wyoming, `event.py`).
 *
 * A payload is passed on as it comes, so that none is kept here, however long it is.
 */
export class FrameReader {
  readonly #types: ReadonlySet<string> | null;
  /** What has come of a line, or of the JSON after it. */
  #held: Uint8Array = NOTHING;
  /** The line, while the JSON after it is awaited. */
  #line: Line | null = null;
  #payloadLeft = 0;
  /** Of JSON that nobody reads. */
  #dataLeft = 0;

  /** @param types whose data is read; that of others is skipped. By default all */
  constructor(types: ReadonlySet<string> | null = null) {
    this.#types = types;
  }

  /** Whether an event has begun, and is not complete. */
  get isWithin(): boolean {
    return this.#held.length > 0 || this.#line !== null || this.#dataLeft + this.#payloadLeft > 0;
  }

  /**
   * Takes the next bytes, cut anywhere.
   *
   * @returns events, each followed by the pieces of its payload. Take all of them before the next call
   * @throws WakegateError from the iteration: WG_REQUEST_INVALID for what is no frame, WG_TOO_LARGE
   */
  *read(bytes: Uint8Array): Generator<WyomingEvent | Uint8Array, void, undefined> {
    for (let at = 0; at < bytes.length; ) {
      if (this.#dataLeft > 0) {
        const skipped = Math.min(this.#dataLeft, bytes.length - at);
        this.#dataLeft -= skipped;
        at += skipped;
        continue;
      }
      if (this.#payloadLeft > 0) {
        const piece = bytes.subarray(at, at + this.#payloadLeft);
        this.#payloadLeft -= piece.length;
        at += piece.length;
        yield piece;
        continue;
      }
      if (this.#line === null) {
        const newline = bytes.indexOf(NEWLINE, at);
        const end = newline < 0 ? bytes.length : newline + 1;
        this.#hold(bytes.subarray(at, end));
        at = end;
        if (this.#held.length > MAX_LINE_BYTES) throw tooLarge('the line of an event', MAX_LINE_BYTES);
        if (newline < 0) continue;
        this.#line = parseLine(this.#release(), this.#types);
        const { isRead, dataBytes } = this.#line;
        if (!isRead) this.#dataLeft = dataBytes;
        if (!isRead || dataBytes === 0) yield this.#begin(this.#line, {});
      } else {
        const part = bytes.subarray(at, at + this.#line.dataBytes - this.#held.length);
        this.#hold(part);
        at += part.length;
        if (this.#held.length < this.#line.dataBytes) continue;
        yield this.#begin(this.#line, parseObject(this.#release(), 'the data of an event'));
      }
    }
  }

  #begin(line: Line, more: Record<string, unknown>): WyomingEvent {
    this.#line = null;
    const { type, data, bytes, dataBytes, isRead, payloadBytes } = line;
    this.#payloadLeft = payloadBytes;
    const jsonBytes = bytes + (isRead ? dataBytes : 0);
    return { type, data: { ...data, ...more }, payloadBytes, jsonBytes };
  }

  #hold(bytes: Uint8Array): void {
    // A copy in any case, since what it is a part of may be much larger.
    this.#held = Buffer.concat([this.#held, bytes]);
  }

  #release(): Uint8Array {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }
}

interface Line {
  /** Its own length. */
  readonly bytes: number;
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly dataBytes: number;
  /** Whether the JSON after it is of interest. */
  readonly isRead: boolean;
  readonly payloadBytes: number;
}

function parseLine(bytes: Uint8Array, types: ReadonlySet<string> | null): Line {
  const { type, data, data_length, payload_length } = parseObject(bytes, 'the line of an event');
  if (typeof type !== 'string') throw invalid('the line of an event has no type');
  if (data !== undefined && data !== null && !isObject(data))
    throw invalid(`the data of ${name(type)} is no object`);
  const isRead = types === null || types.has(type);
  return {
    bytes: bytes.length,
    type,
    data: data ?? {},
    dataBytes: lengthOf(
      data_length,
      `data_length of ${name(type)}`,
      isRead ? MAX_DATA_BYTES : MAX_PAYLOAD_BYTES,
    ),
    isRead,
    payloadBytes: lengthOf(payload_length, `payload_length of ${name(type)}`, MAX_PAYLOAD_BYTES),
  };
}

/** null is 0: the protocol's own library writes none, others may. */
function lengthOf(value: unknown, what: string, most: number): number {
  if (value === undefined || value === null) return 0;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid(`${what} is no length`);
  if ((value as number) > most) throw tooLarge(what, most);
  return value as number;
}

function parseObject(bytes: Uint8Array, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid(`${what} is not valid JSON`);
  }
  if (!isObject(value)) throw invalid(`${what} is no JSON object`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of an event, for messages. */
function name(type: string): string {
  return JSON.stringify(type.slice(0, 100));
}

function invalid(problem: string): WakegateError {
  return new WakegateError('WG_REQUEST_INVALID', `${problem}: send events of the Wyoming protocol here`);
}

function tooLarge(what: string, most: number): WakegateError {
  return new WakegateError('WG_TOO_LARGE', `${what} may be ${most} bytes: send less at a time`);
}

/** An event as bytes. */
export function writeFrame(type: string, data: object = {}): Buffer {
  const json = Buffer.from(JSON.stringify(data));
  const line = { type, version: PROTOCOL_VERSION, data_length: json.length };
  return Buffer.concat([Buffer.from(`${JSON.stringify(line)}\n`), json]);
}
