import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Recording } from '../corpus/manifest.js';

export type Split = Recording['split'];

/** Percent of the speakers, tracks or languages. */
interface Shares {
  readonly test: number;
  readonly dev: number;
}

/**
 * The split of a speaker, track or language: a function of the name alone, so that it is the same for everybody and at any
 * time, whatever else there is.
 */
export function splitOf(name: string, { test, dev }: Shares = { test: 15, dev: 10 }): Split {
  const percent = Number(hashOf(name) % 100n);
  if (percent < test) return 'test';
  return percent < test + dev ? 'dev' : 'train';
}

/** Of a hash's 27 bits, as Speech Commands has it. */
const HASHES = 2 ** 27;

/**
 * The official split of a recording of Speech Commands: `which_set` of its README (Warden 2018), by the speaker's id before
 * `_nohash_`, with a tenth each for dev and test.
 */
export function speechCommandsSplit(path: string): Split {
  const speaker = basename(path).replace(/_nohash_.*$/, '');
  const percent = Number(hashOf(speaker) % BigInt(HASHES)) * (100 / (HASHES - 1));
  if (percent < 10) return 'dev';
  return percent < 20 ? 'test' : 'train';
}

function hashOf(text: string): bigint {
  return BigInt(`0x${createHash('sha1').update(text).digest('hex')}`);
}
