import { createHash } from 'node:crypto';
import type { Clip } from './corpus.js';

/** The part of the corpus that is held out from training: number `index` of `of`. */
export interface Fold {
  readonly index: number;
  readonly of: number;
}

/** Whether a clip is in the held-out part. All clips of a speaker are in the same part. A clip of an unknown speaker counts as a speaker of its own. */
export function isHeldOut({ corpus, speaker, path }: Clip, fold: Fold): boolean {
  const hash = createHash('sha256')
    .update(speaker ? `${corpus}/${speaker}` : path)
    .digest();
  return hash.readUInt32BE(0) % fold.of === fold.index;
}
