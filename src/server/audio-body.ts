import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { type AudioChunk, type DecodedAudio, type RawFormat, SAMPLE_RATE } from '../audio/index.js';
import { asWakegateError, WakegateError } from '../errors.js';
import { MAX_AUDIO_BYTES, MAX_AUDIO_SECONDS } from '../protocol/index.js';
import type { Service } from '../service.js';
import { type ArrivingBody, arriving, inTime, tooManyBytes } from './arriving-body.js';

/** What the body is called in reports and sentences. */
export const BODY_NAME = 'the body';

/** The body of a request, or the first file in its form, as its bytes come. */
export interface AudioBody extends ArrivingBody {
  /** null where the bytes themselves tell. */
  readonly format: RawFormat | null;
}

/**
 * Resolves when the first bytes of audio have come, so that nobody holds a place who sends none.
 *
 * @throws WakegateError WG_AUDIO_EMPTY where there is no body, or no file in it; WG_USAGE for raw audio of a kind
 *   that cannot be, WG_REQUEST_INVALID for a form that cannot; WG_TOO_LARGE or WG_TOO_SLOW, now or from the iteration
 */
export async function receiveAudioBody(request: FastifyRequest): Promise<AudioBody> {
  if (Number(request.headers['content-length']) > MAX_AUDIO_BYTES) throw tooManyBytes(BODY_NAME);
  const isForm = request.isMultipart();
  const format = isForm ? null : rawFormat(request.headers['content-type'] ?? '');
  const bytes = isForm ? await firstFile(request) : (request.body as Readable | null | undefined);
  if (!bytes) throw new WakegateError('WG_AUDIO_EMPTY', `${BODY_NAME} is empty: send audio in it`);
  const { pieces, leave } = await arriving(bytes, BODY_NAME);
  return { pieces: format?.isBigEndian ? swapped(pieces) : pieces, leave, format };
}

/**
 * The audio of a body as it arrives. It is decoded off this thread.
 *
 * @param channel the only one that is wanted, counted from 1; 0 for the mean of all
 * @throws WakegateError WG_USAGE for raw audio of a kind that cannot be; from the iteration as the body and the audio
 *   have it
 */
export function decodeAudioBody(
  { pieces, format }: AudioBody,
  service: Pick<Service, 'decode'>,
  channel: number,
): DecodedAudio {
  const raw = format ? { ...format, channel } : undefined;
  return withinLimits(service.decode(pieces, { name: BODY_NAME, raw, channel }));
}

async function firstFile(request: FastifyRequest): Promise<Readable> {
  const part = await inTime(request.file(), `a file in the form of ${BODY_NAME}`).catch((error: unknown) => {
    throw asWakegateError(error, 'WG_REQUEST_INVALID', `the form in ${BODY_NAME} cannot be read`);
  });
  if (part) return part.file;
  throw new WakegateError('WG_AUDIO_EMPTY', `${BODY_NAME} is a form without a file: send audio as one`);
}

/**
 * What the media type says of raw samples: `audio/L16;rate=16000;channels=1`. They are little-endian, as every
 * recorder has them, though RFC 2586 has it otherwise: `endianness=big-endian` is for who goes by that. null for
 * any other type.
 */
function rawFormat(mediaType: string): (RawFormat & { readonly isBigEndian: boolean }) | null {
  const [type, ...parameters] = mediaType.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'audio/l16') return null;
  const given = Object.fromEntries(parameters.map((parameter) => parameter.split('=')));
  if (given.rate === undefined) {
    throw new WakegateError('WG_USAGE', 'audio/L16 comes without its rate: say audio/L16;rate=16000');
  }
  return {
    rate: Number(given.rate),
    channels: Number(given.channels ?? 1),
    isBigEndian: given.endianness === 'big-endian',
  };
}

function withinLimits(audio: DecodedAudio): DecodedAudio {
  return {
    get warning() {
      return audio.warning;
    },
    [Symbol.asyncIterator]: () => chunksWithinLimits(audio),
  };
}

async function* chunksWithinLimits(chunks: AsyncIterable<AudioChunk>): AsyncGenerator<AudioChunk> {
  for await (const chunk of chunks) {
    if (chunk.startSample >= MAX_AUDIO_SECONDS * SAMPLE_RATE) {
      throw new WakegateError(
        'WG_TOO_LARGE',
        `${BODY_NAME} holds more than ${MAX_AUDIO_SECONDS} s of audio: send it in parts`,
      );
    }
    yield chunk;
    await turn(); // the microphone's chunks come in between
  }
}

/** 16-bit samples with the other byte first. */
async function* swapped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let half = Buffer.alloc(0);
  for await (const piece of pieces) {
    const joined = Buffer.concat([half, piece]);
    const whole = joined.length - (joined.length % 2);
    half = joined.subarray(whole);
    yield joined.subarray(0, whole).swap16();
  }
}
