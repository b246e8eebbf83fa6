import { WakegateError } from '../errors.js';
import { decodeBytes } from './codecs/decode.js';
import { checkRawFormat, type RawFormat, RawPcmConverter } from './codecs/raw-pcm.js';
import type { AudioDecoding } from './decoding/audio-decoding.js';
import { rechunk } from './rechunk.js';
import { resampled } from './resample.js';
import type { AudioChunk } from './source.js';

/**
 * A piece of a stream of audio: a numbered chunk at 16 kHz; int16 samples; floats in [-1, 1]; or bytes, cut anywhere.
 * Samples of several channels are interleaved.
 */
export type AudioPiece = AudioChunk | Int16Array | Float32Array | Uint8Array | ArrayBuffer;

export type Pieces = Iterable<AudioPiece> | AsyncIterable<AudioPiece>;

const CHUNK_SAMPLES = 1280;

/** A stream of pieces of one kind, which the first of them decides, as chunks at 16 kHz. Iterate it once. */
export class PieceSource implements AsyncIterable<AudioChunk> {
  /** Known at the end: where there was less in a file than it says, a sentence about that. */
  warning: string | null = null;
  readonly #pieces: Pieces;
  readonly #name: string;
  readonly #format: Required<RawFormat>;
  /** Whether bytes are raw samples. */
  readonly #isRaw: boolean;
  readonly #decoding: Pick<AudioDecoding, 'decode'> | undefined;
  #isClosed = false;

  /**
   * @param name what it is called in errors
   * @param format of samples, 16 kHz mono by default; where it has a rate or channels, bytes are raw samples
   * @param decoding decodes the bytes of a file, off this thread and within bounds; by default that is done here
   * @throws WakegateError WG_USAGE for a format that cannot be
   */
  constructor(pieces: Pieces, name: string, format: RawFormat, decoding?: Pick<AudioDecoding, 'decode'>) {
    this.#decoding = decoding;
    this.#pieces = pieces;
    this.#name = name;
    this.#isRaw = format.rate !== undefined || format.channels !== undefined;
    // A file says itself how many channels it has.
    const { channel = 0 } = format;
    this.#format = checkRawFormat(this.#isRaw ? format : { channels: Math.max(1, channel), channel });
  }

  /** Stops what gives the pieces, where it can be stopped; iteration then ends. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const { close, destroy } = this.#pieces as { close?: unknown; destroy?: unknown };
    if (typeof close === 'function') await close.call(this.#pieces);
    else if (typeof destroy === 'function') destroy.call(this.#pieces);
  }

  /** @throws WakegateError WG_USAGE for what is not audio; WG_AUDIO_UNSUPPORTED, WG_AUDIO_INVALID, WG_AUDIO_EMPTY */
  async *[Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
    const pieces = this.#untilClosed();
    try {
      const first = await pieces.next();
      if (first.done) return;
      const kind = kindOf(first.value);
      const all = from(first.value, pieces);
      if (kind === 'chunk') yield* this.#numbered(all);
      else if (kind === 'bytes' && !this.#isRaw) yield* this.#decoded(all);
      else yield* this.#converted(all);
    } finally {
      await pieces.return(undefined);
    }
  }

  async *#untilClosed(): AsyncGenerator<AudioPiece, void, undefined> {
    for await (const piece of this.#pieces) {
      if (this.#isClosed) return;
      yield piece;
      if (this.#isClosed) return;
    }
  }

  async *#numbered(pieces: AsyncIterable<AudioPiece>): AsyncGenerator<AudioChunk> {
    for await (const piece of pieces) {
      if (kindOf(piece) !== 'chunk') throw mixed('chunks', piece);
      yield checkChunk(piece as AudioChunk);
    }
  }

  async *#decoded(pieces: AsyncIterable<AudioPiece>): AsyncGenerator<AudioChunk> {
    const { channel } = this.#format;
    const name = this.#name;
    try {
      if (this.#decoding) {
        const audio = this.#decoding.decode(bytesOf(pieces), { name, channel });
        yield* audio;
        this.warning = audio.warning;
        return;
      }
      const onCut = (sentence: string): void => {
        this.warning = `${sentence}; what there is was heard`;
      };
      yield* rechunk(resampled(decodeBytes(bytesOf(pieces), name, { channel, onCut })), CHUNK_SAMPLES);
    } catch (error) {
      if (!(error instanceof WakegateError) || error.code !== 'WG_AUDIO_UNSUPPORTED') throw error;
      const remedy = 'if these bytes are raw samples, declare their format: { rate: 16000, channels: 1 }';
      throw new WakegateError(error.code, `${error.message}; ${remedy}`, { cause: error });
    }
  }

  async *#converted(pieces: AsyncIterable<AudioPiece>): AsyncGenerator<AudioChunk> {
    const converter = await RawPcmConverter.create(this.#format);
    let startSample = 0;
    try {
      for await (const piece of pieces) {
        const kind = kindOf(piece);
        if (kind === 'chunk' || (kind === 'bytes' && !this.#isRaw)) throw mixed('samples', piece);
        const samples =
          kind === 'bytes'
            ? converter.push(asBytes(piece))
            : converter.pushSamples(piece as Int16Array | Float32Array);
        yield { samples, startSample };
        startSample += samples.length;
      }
      yield { samples: converter.flush(), startSample };
    } finally {
      converter.close();
    }
  }
}

async function* from(first: AudioPiece, rest: AsyncIterable<AudioPiece>): AsyncGenerator<AudioPiece> {
  yield first;
  yield* rest;
}

async function* bytesOf(pieces: AsyncIterable<AudioPiece>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if (kindOf(piece) !== 'bytes') throw mixed('bytes', piece);
    yield asBytes(piece);
  }
}

type Kind = 'chunk' | 'samples' | 'bytes';

/** By its tag, since an object of another realm, as in some test runners, is no instance of this one's classes. */
function kindOf(piece: unknown): Kind {
  const tag = (piece as { [Symbol.toStringTag]?: string } | null | undefined)?.[Symbol.toStringTag];
  if (tag === 'Int16Array' || tag === 'Float32Array') return 'samples';
  if (tag === 'Uint8Array' || tag === 'ArrayBuffer') return 'bytes';
  if (typeof piece === 'object' && piece !== null && 'samples' in piece) return 'chunk';
  throw new WakegateError(
    'WG_USAGE',
    `a piece of the audio is ${nameOfType(piece)}: give Int16Array, Float32Array in [-1, 1], bytes, or chunks of ` +
      '{ samples, startSample }',
  );
}

/** Whether it is one piece by itself: an array or a chunk, not something that gives pieces. */
export function isPiece(input: unknown): input is AudioPiece {
  if (typeof input !== 'object' || input === null) return false;
  if (ArrayBuffer.isView(input) || Object.prototype.toString.call(input) === '[object ArrayBuffer]')
    return true;
  return 'samples' in input && !(Symbol.asyncIterator in input) && !(Symbol.iterator in input);
}

function checkChunk(chunk: AudioChunk): AudioChunk {
  const { samples, startSample } = chunk;
  if (samples?.[Symbol.toStringTag] === 'Int16Array' && Number.isSafeInteger(startSample)) return chunk;
  throw new WakegateError(
    'WG_USAGE',
    `a chunk holds samples, an Int16Array at 16 kHz, and startSample, their first number, and this one holds ` +
      `${nameOfType(samples)} and ${startSample}: give the samples alone, and they are converted and numbered`,
  );
}

function asBytes(piece: AudioPiece): Uint8Array {
  return piece instanceof Uint8Array ? piece : new Uint8Array(piece as ArrayBuffer);
}

function mixed(expected: string, piece: AudioPiece): WakegateError {
  return new WakegateError(
    'WG_USAGE',
    `this stream began with ${expected}, and ${nameOfType(piece)} came later: give pieces of one kind`,
  );
}

/** For messages. */
export function nameOfType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return value.constructor?.name ?? 'an object';
}
