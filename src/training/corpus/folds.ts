import { createHash } from 'node:crypto';
import type { Clip } from './corpus.js';

/** Of so many parts of the corpus, the one that is held out from training. */
export interface Fold {
  readonly index: number;
  readonly of: number;
}

/** Whether a clip is in the held-out part. All clips of a speaker are in one part; where none is named, each is for itself. */
export function isHeldOut({ corpus, speaker, path }: Clip, fold: Fold): boolean {
  const hash = createHash('sha256')
    .update(speaker ? `${corpus}/${speaker}` : path)
    .digest();
  return hash.readUInt32BE(0) % fold.of === fold.index;
}
