import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WakegateError } from '../errors.js';
import type { SecondLookModel } from '../model/index.js';

/** What pack.json describes: the pack was read, and may have been replaced since. */
export function readSecondWeights({ weightsFile, weightsSha256 }: SecondLookModel): Uint8Array {
  let weights: Uint8Array | null = null;
  try {
    weights = new Uint8Array(readFileSync(weightsFile));
  } catch {
    // As if it were another file.
  }
  if (weights && createHash('sha256').update(weights).digest('hex') === weightsSha256) return weights;
  throw new WakegateError(
    'WG_MODEL_INVALID',
    `${weightsFile} is not the file that the pack was read with: load the pack again`,
  );
}

/** Samples that a second look hears. */
export function secondLookSamples({
  frames,
  features,
}: Pick<SecondLookModel, 'frames' | 'features'>): number {
  return (frames - 1) * features.hopSamples + features.windowSamples;
}
