import { type FileHandle, open } from 'node:fs/promises';
import { asWakegateError, WakegateError } from '../../errors.js';
import { MAX_RATE, MIN_RATE } from '../resample.js';
import { ByteReader } from './byte-reader.js';
import { decodeFlac } from './flac.js';
import type { MonoBlock } from './mono.js';
import { decodeMp3, isMp3Frame } from './mp3.js';
import { decodeOgg, oggCodec } from './ogg.js';
import { decodeWav } from './wav.js';

const READ_BYTES = 65_536;
/** As many bytes as it takes to tell what a file holds. */
const SNIFF_BYTES = 64;

const WHAT_IS_READ = 'WAV, FLAC, MP3, and Ogg with Opus, Vorbis or FLAC are read';

/** Well-known audio that is not read, by how it begins, so that the error can name it. */
const NOT_READ: readonly (readonly [what: string, start: RegExp])[] = [
  ['M4A or MP4', /^....ftyp/s],
  ['AAC', /^\xff[\xf0\xf1\xf8\xf9]/],
  ['AIFF', /^FORM....AIF/s],
  ['Core Audio (CAF)', /^caff/],
  ['AMR', /^#!AMR/],
  ['Sun/NeXT .au', /^\.snd/],
  ['big-endian WAV', /^RIFX/],
  ['WebM or Matroska', /^.E\xdf\xa3/s],
  ['Windows Media', /^0&\xb2u/],
  ['WavPack', /^wvpk/],
];

/**
 * Decodes an audio file, as {@link decodeBytes} does. It is read piece by piece, and closed when the iteration ends in
 * whatever way.
 *
 * @throws WakegateError WG_INPUT_NOT_FOUND, WG_AUDIO_UNSUPPORTED, WG_AUDIO_INVALID or WG_AUDIO_EMPTY; where the
 *   fault lies further on in the file, after the blocks before it
 */
export async function* decodeFile(path: string): AsyncGenerator<MonoBlock> {
  const handle = await openAudioFile(path);
  try {
    yield* decodeBytes(readPieces(handle, path), path);
  } finally {
    await handle.close();
  }
}

/**
 * Decodes what an audio file holds to mono blocks at the file's own rate (Ogg Opus: at 16 kHz). What it is is told by
 * its first bytes.
 *
 * @param pieces cut anywhere; not to be reused by who gives them
 * @param name what it is called in errors
 * @throws WakegateError WG_AUDIO_UNSUPPORTED, WG_AUDIO_INVALID or WG_AUDIO_EMPTY; where the fault lies further on,
 *   after the blocks before it
 */
export async function* decodeBytes(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<MonoBlock> {
  const bytes = new ByteReader(pieces);
  try {
    let samples = 0;
    for await (const block of await recognize(bytes, name)) {
      if (block.rate < MIN_RATE || block.rate > MAX_RATE) {
        throw new WakegateError(
          'WG_AUDIO_UNSUPPORTED',
          `${name} has a sample rate of ${block.rate} Hz; ${MIN_RATE} to ${MAX_RATE} Hz are read`,
        );
      }
      samples += block.samples.length;
      yield block;
    }
    if (samples === 0) throw new WakegateError('WG_AUDIO_EMPTY', `${name} holds no samples: record it again`);
  } finally {
    await bytes.close();
  }
}

/** Picks the decoder by the first bytes, after an ID3 tag if there is one. */
async function recognize(bytes: ByteReader, path: string): Promise<AsyncIterable<MonoBlock>> {
  await skipId3(bytes);
  const start = await bytes.peek(SNIFF_BYTES);
  if (start.length === 0) throw new WakegateError('WG_AUDIO_EMPTY', `${path} is empty: record it again`);
  const text = Buffer.from(start).toString('latin1');

  if (/^(RIFF|RF64|BW64)/.test(text)) return decodeWav(bytes, path);
  if (text.startsWith('fLaC')) return decodeFlac(bytes, path);
  if (text.startsWith('OggS')) {
    const codec = oggCodec(start);
    if (codec) return decodeOgg(bytes, codec, path);
    throw new WakegateError(
      'WG_AUDIO_UNSUPPORTED',
      `${path} is an Ogg file of another codec; ${WHAT_IS_READ}`,
    );
  }
  if (isMp3Frame(start)) return decodeMp3(bytes, path);

  const known = NOT_READ.find(([, pattern]) => pattern.test(text));
  throw new WakegateError(
    'WG_AUDIO_UNSUPPORTED',
    known
      ? `${path} is ${known[0]} audio, which is not read; ${WHAT_IS_READ}: convert it`
      : `${path} is not audio of a known kind; ${WHAT_IS_READ}`,
  );
}

/** Passes over an ID3v2 tag, which MP3 and sometimes FLAC files begin with. */
async function skipId3(bytes: ByteReader): Promise<void> {
  const tag = await bytes.peek(10);
  if (tag.length < 10 || Buffer.from(tag.subarray(0, 3)).toString('latin1') !== 'ID3') return;
  // The size has 7 bits a byte, so that no sync pattern can occur in it.
  const size = ((tag[6] & 0x7f) << 21) | ((tag[7] & 0x7f) << 14) | ((tag[8] & 0x7f) << 7) | (tag[9] & 0x7f);
  const hasFooter = (tag[5] & 0x10) !== 0;
  await bytes.skip(10 + size + (hasFooter ? 10 : 0));
}

async function openAudioFile(path: string): Promise<FileHandle> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw notFound(path, error);
  });
  if (!(await handle.stat()).isDirectory()) return handle;
  await handle.close();
  throw new WakegateError('WG_INPUT_NOT_FOUND', `${path} is a directory: name an audio file`);
}

function notFound(path: string, error: unknown): WakegateError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new WakegateError('WG_INPUT_NOT_FOUND', `${path} is not there: check the path`, { cause: error });
  }
  return asWakegateError(error, 'WG_INPUT_NOT_FOUND', `${path} cannot be opened`);
}

async function* readPieces(handle: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = new Uint8Array(READ_BYTES);
    const { bytesRead } = await handle.read(piece, 0, READ_BYTES, null).catch((error: unknown) => {
      throw asWakegateError(error, 'WG_INPUT_NOT_FOUND', `${path} cannot be read`);
    });
    if (bytesRead === 0) return;
    yield piece.subarray(0, bytesRead);
  }
}
