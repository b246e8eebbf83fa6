import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { asWakegateError, WakegateError } from '../errors.js';
import { MAX_AUDIO_BYTES } from '../protocol/index.js';

/** How long nothing of a body may come while it is waited for. */
const PAUSE_MS = 10_000;
/** All in all it may be so much slower than any audio: it holds a place that others wait for. */
const PATIENCE_MS = 30_000;
const LEAST_BYTES_PER_SECOND = 500;

/** The bytes of a body, some of which have come. */
export interface ArrivingBody {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Leaves the rest, and the connection as it is, for the answer. To be called in any case. */
  leave(): Promise<void>;
}

/**
 * The bytes of a body, once the first have come: until then no one needs to make room for it.
 *
 * @param name what it is called in sentences
 * @throws WakegateError WG_TOO_SLOW, now or from the iteration; from there WG_TOO_LARGE, and WG_AUDIO_INVALID where it
 *   breaks off
 */
export async function arriving(body: Readable, name: string): Promise<ArrivingBody> {
  const pieces = piecesOf(body, name);
  const first = await pieces.next();
  async function* all(): AsyncGenerator<Uint8Array> {
    if (first.done) return;
    yield first.value;
    yield* pieces;
  }
  async function leave(): Promise<void> {
    // Where bytes are being waited for, that ends with the next, or with the patience.
    const left = pieces.return().then(() => void body.resume());
    await Promise.race([left, turn()]);
  }
  return { pieces: all(), leave };
}

async function* piecesOf(body: Readable, name: string): AsyncGenerator<Uint8Array, void> {
  const iterator = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array, void>;
  let bytes = 0;
  let waitedMs = 0;
  let isWaiting = false;
  try {
    for (;;) {
      const sinceMs = performance.now();
      isWaiting = true;
      const { done, value } = await inTime(iterator.next(), `the next bytes of ${name}`);
      isWaiting = false;
      if (done) return;
      waitedMs += performance.now() - sinceMs;
      bytes += value.length;
      if (bytes > MAX_AUDIO_BYTES) throw tooManyBytes(name);
      if (waitedMs > PATIENCE_MS + (1000 * bytes) / LEAST_BYTES_PER_SECOND) {
        throw new WakegateError('WG_TOO_SLOW', `${name} comes too slowly: send at real-time pace or faster`);
      }
      yield value;
    }
  } catch (error) {
    throw asWakegateError(error, 'WG_AUDIO_INVALID', `${name} broke off`);
  } finally {
    // Or nothing else could read on. While it waits it cannot end, and then nobody will.
    if (!isWaiting) await iterator.return?.();
  }
}

/**
 * What comes of `promise`, where it comes before anyone has lost patience.
 *
 * @throws WakegateError WG_TOO_SLOW
 */
export async function inTime<Result>(promise: Promise<Result>, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const problem = `${what} did not come within ${PAUSE_MS / 1000} s`;
    timer = setTimeout(() => reject(new WakegateError('WG_TOO_SLOW', problem)), PAUSE_MS).unref();
  });
  promise.catch(() => {}); // when nobody waits for it any more
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export function tooManyBytes(name: string): WakegateError {
  return new WakegateError(
    'WG_TOO_LARGE',
    `${name} has more than ${MAX_AUDIO_BYTES} bytes: send it in parts`,
  );
}
