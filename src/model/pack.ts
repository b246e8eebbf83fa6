import type { OwnKeyword } from './own-keyword-types.js';
/**
 * What a model pack holds once it has been read and checked: see docs/reference/model-pack.md for the files.
 * All shapes are row-major.
 */

/** MFCC settings. Meyda's definitions: Hann window, `melBands` triangles from 0 Hz to Nyquist, log(1 + x), DCT. */
export interface FeatureSettings {
  readonly sampleRate: number;
  readonly windowSamples: number;
  readonly hopSamples: number;
  readonly melBands: number;
  readonly coefficients: number;
}

/**
 * One layer of the front half, over time, without padding. Batch normalization is already folded into `kernel` and
 * `bias`.
 */
export interface FrontLayer {
  readonly name: string;
  /** `conv`: kernel [taps, inputs, outputs]; `depthwise`: kernel [taps, channels]. */
  readonly kind: 'conv' | 'depthwise';
  readonly taps: number;
  readonly stride: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly relu: boolean;
  /** Adds the input of the named earlier layer (the newest row of it) before the ReLU. */
  readonly shortcutFrom: string | null;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

export interface Compression {
  readonly channels: number;
  /** Learned shrinkage per channel, >= 0. */
  readonly theta: Float32Array;
  /** One quantization level, in activation units. */
  readonly levelStep: number;
  /** Largest level; levels are 0..maxLevel. */
  readonly maxLevel: number;
  /**
   * How likely a zero is, for the entropy coder: probability in 1/256 that a level is zero given the level of the
   * same channel one step before, as [channels, 3] for before = 0, 1, and 2 or more.
   */
  readonly zeroPrior: Uint8Array;
}

export interface HandoffSettings {
  /** Steps in one handoff. */
  readonly windowSteps: number;
  /** Steps between handoffs while the gate is open. */
  readonly hopSteps: number;
}

export interface GateSettings {
  /** Convolutions over the front's activations (before compression); the last has one output, a logit. */
  readonly head: readonly FrontLayer[];
  /** The gate opens at a smoothed P(signal of interest) >= threshold. */
  readonly threshold: number;
  /** Scores averaged, since one alone is often high by chance. */
  readonly smoothingScores: number;
  /** Steps that the gate stays open after the last one over the threshold. */
  readonly hangoverSteps: number;
}

export interface KeywordSettings {
  readonly name: string;
  /** Smoothed posterior at which it is detected. */
  readonly threshold: number;
  /** Consecutive positions over the threshold that it takes. */
  readonly patience: number;
  /** false where it is not to be listened for; a pack itself never says so. */
  readonly enabled?: boolean;
}

export interface DetectorSettings {
  /** Positions averaged. */
  readonly smoothingPositions: number;
  /** No second detection within this time. */
  readonly refractoryMs: number;
  /** Re-armed once the smoothed posterior has fallen below threshold x this. */
  readonly rearmRatio: number;
}

export interface BackModel {
  /** A TensorFlow.js layers-model: topology, and weights as they stand in the file. */
  readonly topology: object;
  readonly weightSpecs: readonly object[];
  readonly weights: Uint8Array;
  /** Multiply-accumulates of one forward pass over one handoff. */
  readonly macs: number;
  /** Posteriors that one handoff gives: `positions` of them, `positionSteps` apart, the last at its last step. */
  readonly positions: number;
  readonly positionSteps: number;
}

/** How a second look judges a keyword. */
export interface SecondLookOfKeyword {
  /** Smoothed posterior from which on it is looked at again. */
  readonly ask: number;
  /** Added to the sum of logits, so that the threshold is the same with a second look and without. */
  readonly bias: number;
  /** Of its logit in the sum; absent where it is that of the pack. */
  readonly weight?: number;
}

/** An independent network that hears the sound itself before a keyword is told: see src/classifier/second-look.ts. */
export interface SecondLookModel {
  /** Levels of the sound. */
  readonly features: {
    /** Log-mel levels by default, or those of Google's speech embedding. */
    readonly kind?: 'speech-embedding';
    readonly sampleRate: number;
    readonly windowSamples: number;
    readonly hopSamples: number;
    readonly bands: number;
  };
  /** Frames that it hears at once. */
  readonly frames: number;
  /** Of the levels of each band: they are standardized by these. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** Multiply-accumulates of one look. */
  readonly macs: number;
  /** Of its logit, in the sum with that of the smoothed posterior. */
  readonly weight: number;
  /** By name. */
  readonly keywords: Readonly<Record<string, SecondLookOfKeyword>>;
  /** A TensorFlow.js layers-model, [frames, bands, 1] -> posteriors [keywords + 1]. */
  readonly topology: object;
  readonly weightSpecs: readonly object[];
  /** Path of its weights, which are large: only the worker that uses them reads them. */
  readonly weightsFile: string;
  readonly weightsSha256: string;
}

export interface ModelPack {
  readonly name: string;
  readonly description: string;
  /** How it was made, as its maker recorded it. */
  readonly made: Readonly<Record<string, unknown>>;
  readonly directory: string;
  /** First 32 bits of the SHA-256 of the pack's files: handoffs carry it, so that none meets another model. */
  readonly fingerprint: number;
  readonly features: FeatureSettings;
  readonly front: readonly FrontLayer[];
  readonly compression: Compression;
  readonly gate: GateSettings;
  readonly handoff: HandoffSettings;
  readonly back: BackModel;
  /** Absent from packs that have none. */
  readonly secondLook?: SecondLookModel;
  /** Those of the pack, then {@link own} ones. */
  readonly keywords: readonly KeywordSettings[];
  /** Keywords of the user's own that were added to the pack, in the order of the last of `keywords`. */
  readonly own?: readonly OwnKeyword[];
  readonly detector: DetectorSettings;
}
