import { LogMel } from '../../src/features/log-mel.js';
import type { ModelPack } from '../../src/model/index.js';
import { levelsOf } from '../../src/training/bank/levels.js';

/** What an inverter is to recover: a log-mel spectrogram, fine enough for a recognizer. */
export const MEL = { sampleRate: 16_000, windowSamples: 512, hopSamples: 160, bands: 40 } as const;

/** A step is 40 ms: four frames of the spectrogram. */
export const FRAMES_PER_STEP = 4;
/** Steps on both sides of one that an inverter sees: the front half looks back half a second, so that most of it comes later. */
const BEFORE = 2;
const AFTER = 10;

export interface Pairs {
  readonly steps: number;
  /** [steps, (BEFORE + 1 + AFTER) * channels] */
  readonly inputs: Float32Array;
  /** [steps, FRAMES_PER_STEP * bands] */
  readonly targets: Float32Array;
}

export function inputsOf(pack: ModelPack): number {
  return (BEFORE + 1 + AFTER) * pack.compression.channels;
}

/** Every step of a clip, whether or not the gate lets it through: an eavesdropper never gets more. */
export function pairsOf(pack: ModelPack, samples: Int16Array): Pairs {
  const { channels } = pack.compression;
  const levels = levelsOf(pack, samples);
  const mel = new LogMel(MEL).frames(samples);
  const frames = mel.length / MEL.bands;
  const all = levels.length / channels;
  const steps = Math.max(0, Math.min(all - BEFORE - AFTER, Math.floor(frames / FRAMES_PER_STEP) - BEFORE));
  const width = inputsOf(pack);
  const inputs = new Float32Array(steps * width);
  const targets = new Float32Array(steps * FRAMES_PER_STEP * MEL.bands);
  for (let n = 0; n < steps; n++) {
    for (let i = 0; i < width; i++) inputs[n * width + i] = levels[n * channels + i] / 8;
    const from = (n + BEFORE) * FRAMES_PER_STEP * MEL.bands;
    targets.set(mel.subarray(from, from + FRAMES_PER_STEP * MEL.bands), n * FRAMES_PER_STEP * MEL.bands);
  }
  return { steps, inputs, targets };
}
