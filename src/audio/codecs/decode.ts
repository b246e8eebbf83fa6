import { type FileHandle, open } from 'node:fs/promises';
import { asWakegateError, WakegateError } from '../../errors.js';
import { MAX_RATE, MIN_RATE } from '../resample.js';
import { ByteReader } from './byte-reader.js';
import type { DecodeContext, MonoBlock } from './mono.js';

const READ_BYTES = 65_536;
/** How many bytes it takes to recognize the format of a file. */
const SNIFF_BYTES = 64;

/** What decoders are asked for, all of it optional. */
export interface DecodeOptions {
  /** The only channel that is wanted, counted from 1; by default, or with 0, the mean of all. */
  readonly channel?: number;
  /**
   * Called after the last block with a sentence, where there is less than the audio says. By default that is an
   * error.
   */
  readonly onCut?: (sentence: string) => void;
  /** Called when a decoder was freed before the end: its memory, up to 28 MB, is there until it is collected. */
  readonly onFreed?: () => void;
}

/** The kinds of audio that are read, for people. */
export const WHAT_IS_READ =
  'WAV (PCM, float, A-law, mu-law), AIFF, FLAC, MP3, Ogg with Opus, Vorbis or FLAC, and WebM with Opus are read';

/** Well-known audio that is not read, by how it begins, so that the error can name it. */
const NOT_READ: readonly (readonly [what: string, start: RegExp])[] = [
  ['M4A or MP4', /^....ftyp/s],
  ['fragmented MP4', /^....(styp|moof|moov)/s],
  ['AAC', /^\xff[\xf0\xf1\xf8\xf9]/],
  ['Core Audio (CAF)', /^caff/],
  ['AMR', /^#!AMR/],
  ['Sun/NeXT .au', /^\.snd/],
  ['big-endian WAV', /^RIFX/],
  ['Windows Media', /^0&\xb2u/],
  ['AVI', /^RIFF....AVI /s],
  ['Wave64', /^riff\.\x91\xcf/],
  ['WavPack', /^wvpk/],
];

/** What is sent by mistake in place of the bytes of a file, by how it begins. */
const TEXTS: readonly (readonly [what: string, start: RegExp])[] = [
  ['HTML or XML', /^\s*<[!?a-z]/i],
  ['JSON', /^\s*[{[]\s*["{[]/],
  ['a data URL', /^data:[a-z]+\//],
  ['text in base64', /^(UklGR|T2dnU|ZkxhQ|SUQz|GkXf|Rk9STQ|AAAA)[A-Za-z0-9+/=\r\n]*$/],
];

/**
 * Decodes an audio file, as {@link decodeBytes} does. It is read piece by piece, and closed when the iteration ends in
 * whatever way.
 *
 * @throws WakegateError WG_INPUT_NOT_FOUND, WG_AUDIO_UNSUPPORTED, WG_AUDIO_INVALID or WG_AUDIO_EMPTY; where the
 *   fault lies further on in the file, after the blocks before it
 */
export async function* decodeFile(path: string, options: DecodeOptions = {}): AsyncGenerator<MonoBlock> {
  yield* decodeBytes(readPieces(path), path, options);
}

/**
 * What a file holds, piece by piece. It is closed when the iteration ends in whatever way.
 *
 * @throws WakegateError WG_INPUT_NOT_FOUND
 */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const handle = await openAudioFile(path);
  try {
    yield* piecesOf(handle, path);
  } finally {
    await handle.close();
  }
}

/**
 * Decodes what an audio file holds to mono blocks at the file's own rate (Ogg Opus: at 16 kHz). The format is recognized by
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
  { channel = 0, onCut = refuse, onFreed = () => {} }: DecodeOptions = {},
): AsyncGenerator<MonoBlock> {
  const bytes = new ByteReader(pieces);
  try {
    let samples = 0;
    let cut = '';
    const context: DecodeContext = {
      name,
      channel,
      onCut: (sentence) => {
        cut = sentence;
      },
      onFreed,
    };
    for await (const block of await recognize(bytes, context)) {
      if (block.rate < MIN_RATE || block.rate > MAX_RATE) {
        throw new WakegateError(
          'WG_AUDIO_UNSUPPORTED',
          `${name} has a sample rate of ${block.rate} Hz; ${MIN_RATE} to ${MAX_RATE} Hz are read`,
        );
      }
      samples += block.samples.length;
      yield block;
    }
    if (cut !== '' && samples === 0) refuse(cut);
    if (samples === 0) throw new WakegateError('WG_AUDIO_EMPTY', `${name} holds no samples: record it again`);
    if (cut !== '') onCut(cut);
  } finally {
    await bytes.close();
  }
}

function refuse(sentence: string): void {
  throw new WakegateError('WG_AUDIO_INVALID', `${sentence}, so copy or record it again`);
}

/** Picks the decoder by the first bytes, after an ID3 tag if there is one. Each is loaded only when it is needed. */
async function recognize(bytes: ByteReader, context: DecodeContext): Promise<AsyncIterable<MonoBlock>> {
  const path = context.name;
  await skipId3(bytes);
  const start = await bytes.peek(SNIFF_BYTES);
  if (start.length === 0) throw new WakegateError('WG_AUDIO_EMPTY', `${path} is empty: record it again`);
  const text = Buffer.from(start).toString('latin1');

  if (/^(RIFF|RF64|BW64)(?!....AVI )/s.test(text)) {
    return (await import('./wav.js')).decodeWav(bytes, context);
  }
  if (text.startsWith('fLaC')) return (await import('./flac.js')).decodeFlac(bytes, context);
  if (text.startsWith('OggS')) {
    const { decodeOgg, oggCodec } = await import('./ogg.js');
    if (oggCodec(start)) return decodeOgg(bytes, context);
    throw new WakegateError(
      'WG_AUDIO_UNSUPPORTED',
      `${path} is an Ogg file of another codec; ${WHAT_IS_READ}`,
    );
  }
  if (/^FORM....AIF[FC]/s.test(text)) return (await import('./aiff.js')).decodeAiff(bytes, context);
  if (text.startsWith('\x1aE\xdf\xa3')) return (await import('./webm.js')).decodeWebm(bytes, context);
  const { decodeMp3, isMp3Frame } = await import('./mp3.js');
  if (isMp3Frame(start)) return decodeMp3(bytes, context);

  const mistake = TEXTS.find(([, pattern]) => pattern.test(text));
  if (mistake) {
    throw new WakegateError(
      'WG_AUDIO_UNSUPPORTED',
      `${path} is ${mistake[0]}, not audio: send the bytes of the file themselves`,
    );
  }
  const known = NOT_READ.find(([, pattern]) => pattern.test(text));
  throw new WakegateError(
    'WG_AUDIO_UNSUPPORTED',
    known
      ? `${path} is ${known[0]} audio, which is not read; ${WHAT_IS_READ}: convert it, for example by ffmpeg -i in out.wav`
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

async function* piecesOf(handle: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = new Uint8Array(READ_BYTES);
    const { bytesRead } = await handle.read(piece, 0, READ_BYTES, null).catch((error: unknown) => {
      throw asWakegateError(error, 'WG_INPUT_NOT_FOUND', `${path} cannot be read`);
    });
    if (bytesRead === 0) return;
    yield piece.subarray(0, bytesRead);
  }
}
