import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asWakegateError, WakegateError } from '../errors.js';
import type { RawFormat } from './codecs/raw-pcm.js';
import type { AudioDecoding } from './decoding/audio-decoding.js';
import { FileSource } from './file-source.js';
import type { Rhythm } from './microphone/rhythm.js';
import { type AudioPiece, isPiece, nameOfType, PieceSource, type Pieces } from './piece-source.js';
import type { AudioChunk } from './source.js';

/**
 * Anything that holds audio: the path or `file:` URL of an audio file, a Blob or File, the bytes of a file, samples, or
 * an iterable of pieces, such as a microphone, a Node stream or a web stream.
 *
 * Bytes are those of an audio file (WAV, FLAC, MP3, Ogg and more), recognized by how they begin. Where a rate or a number
 * of channels is given, they are raw s16le samples.
 */
export type AudioInput = string | URL | Blob | AudioPiece | Iterable<AudioPiece> | AsyncIterable<AudioPiece>;

type Decoding = Pick<AudioDecoding, 'decode'> | undefined;

/** See the `rhythm` of a microphone. */
interface Paced {
  rhythm: Rhythm;
}

/** Audio from anywhere as chunks at 16 kHz, numbered, to be iterated once. */
export interface OpenAudio {
  /** For people: a path, a file's name, or `audio`. */
  readonly name: string;
  /** Where a file held less than it says, its `warning` is a sentence about that once they have ended. */
  readonly chunks: AsyncIterable<AudioChunk> & { readonly warning?: string | null };
  /** The source, where it can be read less often while nothing is to be heard, as a microphone can. */
  readonly paced: Paced | null;
  /** Stops the source where it can be stopped; iteration then ends. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Reads audio of any kind as what the listener takes. Nothing is opened before the chunks are iterated; what is wrong
 * with the audio is thrown from there, as a `WakegateError`.
 *
 * @param format of samples, 16 kHz mono by default; where it has a rate or channels, bytes are raw samples
 * @param decoding decodes files, off this thread and within bounds; by default that is done here
 * @throws WakegateError WG_USAGE for what is not audio, or a format that cannot be
 */
export function openAudio(input: AudioInput, format: RawFormat = {}, decoding?: Decoding): OpenAudio {
  if (typeof input === 'string' || input instanceof URL) return openFile(pathOf(input), format, decoding);
  if (input instanceof Blob) {
    const name = 'name' in input && typeof input.name === 'string' ? input.name : 'audio';
    return openPieces(input.stream(), name, format, decoding);
  }
  if (isPiece(input)) return openPieces([input], 'audio', format, decoding);
  if (!isIterable(input)) throw notAudio(input);
  return openPieces(input, nameOf(input), format, decoding);
}

function openFile(path: string, format: RawFormat, decoding: Decoding): OpenAudio {
  const { rate, channels, channel } = format;
  if (rate !== undefined || channels !== undefined) return openPieces(readRaw(path), path, format);
  const file = new FileSource(path, { channel: channel ?? 0, decoding });
  return { name: path, chunks: file, paced: null, close: () => file.close() };
}

async function* readRaw(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw asWakegateError(error, 'WG_INPUT_NOT_FOUND', `${path} cannot be read`);
  }
}

function openPieces(pieces: Pieces, name: string, format: RawFormat, decoding?: Decoding): OpenAudio {
  const source = new PieceSource(pieces, name, format, decoding);
  return {
    name,
    chunks: source,
    paced: 'rhythm' in pieces ? (pieces as Paced) : null,
    close: () => source.close(),
  };
}

function isIterable(input: unknown): input is Pieces {
  return (
    typeof input === 'object' && input !== null && (Symbol.asyncIterator in input || Symbol.iterator in input)
  );
}

function nameOf(source: object): string {
  if ('name' in source && typeof source.name === 'string') return source.name;
  return 'path' in source && typeof source.path === 'string' ? basename(source.path) : 'audio';
}

function pathOf(input: string | URL): string {
  if (typeof input === 'string') return input;
  if (input.protocol === 'file:') return fileURLToPath(input);
  throw new WakegateError(
    'WG_USAGE',
    `${input.href} is not the URL of a file: fetch it yourself, and give the body of the answer`,
  );
}

function notAudio(value: unknown): WakegateError {
  return new WakegateError(
    'WG_USAGE',
    `${nameOfType(value)} is not audio: give a path, a Blob, bytes, Int16Array, Float32Array in [-1, 1], or an ` +
      'iterable of such pieces',
  );
}
