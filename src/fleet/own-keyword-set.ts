import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { WakegateError } from '../errors.js';
import { formatOwnKeyword, MOST_OWN_KEYWORDS, type OwnKeyword, parseOwnKeyword } from '../model/index.js';
import { Checker, Type } from '../schema/index.js';

/** Own keywords that a satellite listens for at the same time, as they go to workers. */
export interface OwnKeywordSet {
  /** Of what is in it: eight hexadecimal digits, which its handoffs carry. Rooms with the same keywords have the same set. */
  readonly id: string;
  readonly files: readonly string[];
}

/** Of what a satellite gives to workers: a keyword takes some 60 kB. */
export const MOST_SETS_BYTES = 4 * 1024 * 1024;
const MOST_TEXT_BYTES = 8 * MOST_SETS_BYTES;
/** The one that is listened for, one that takes over, and those of streams that began before. */
export const MOST_SETS = 8;

const Sets = Type.Array(Type.Array(Type.String(), { minItems: 1, maxItems: MOST_OWN_KEYWORDS }), {
  minItems: 1,
  maxItems: MOST_SETS,
});
const checker = new Checker(Sets);

/**
 * Null where there are no own keywords. How one was made stays at home, and so does its second head, which hears sound: a worker has no
 * use for them.
 */
export function ownKeywordSetOf(own: readonly OwnKeyword[] = []): OwnKeywordSet | null {
  if (own.length === 0) return null;
  const files = own.map((keyword) => formatOwnKeyword({ ...keyword, second: null, made: {}, forecast: {} }));
  return { id: idOf(files), files };
}

/**
 * All that a satellite listens for, as one message: gzipped JSON.
 *
 * @throws WakegateError WG_KEYWORD_INVALID for more than a broker is asked to carry
 */
export function writeOwnKeywordSets(sets: readonly OwnKeywordSet[]): Buffer {
  const payload = gzipSync(JSON.stringify(sets.map(({ files }) => files)));
  if (payload.length <= MOST_SETS_BYTES) return payload;
  throw new WakegateError(
    'WG_KEYWORD_INVALID',
    `your own keywords are too much for a fleet: they take ${payload.length} bytes, and ${MOST_SETS_BYTES} is the most`,
  );
}

/**
 * @param satellite whose they are, for messages
 * @returns keywords by the id of their set
 * @throws WakegateError WG_KEYWORD_INVALID for what are no sets
 */
export function readOwnKeywordSets(payload: Buffer, satellite: string): Map<string, readonly OwnKeyword[]> {
  const place = `own keywords of ${satellite}`;
  let value: unknown;
  try {
    value = JSON.parse(gunzipSync(payload, { maxOutputLength: MOST_TEXT_BYTES }).toString('utf8'));
  } catch (cause) {
    throw new WakegateError('WG_KEYWORD_INVALID', `the ${place} are not gzipped JSON`, { cause });
  }
  const checked = checker.check(value);
  if (!checked.ok) throw new WakegateError('WG_KEYWORD_INVALID', `the ${place} are no lists of keywords`);
  return new Map(
    checked.value.map((files) => [
      idOf(files),
      files.map((file) => parseOwnKeyword(file, `one of the ${place}`)),
    ]),
  );
}

function idOf(files: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 8);
}
