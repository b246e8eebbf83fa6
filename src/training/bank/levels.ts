import { compress } from '../../gate/compress.js';
import { GatedFront } from '../../gate/gated-front.js';
import type { ModelPack } from '../../model/index.js';
import { mfccFrames } from '../feed/mfcc-frames.js';

/** Levels of a whole clip that begins in silence: [steps, channels]. */
export function levelsOf(pack: ModelPack, samples: Int16Array): Uint8Array {
  const frames = mfccFrames(samples);
  const { coefficients } = pack.features;
  const { channels } = pack.compression;
  const front = new GatedFront(pack);
  const levels = new Uint8Array((Math.floor(frames.length / coefficients / 2) + 1) * channels);
  let steps = 0;
  for (let at = 0; at < frames.length; at += coefficients) {
    if (front.push(frames, at)) compress(pack.compression, front.activations, levels, channels * steps++);
  }
  return levels.subarray(0, steps * channels);
}
