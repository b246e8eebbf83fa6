import { estimateZeroPrior } from '../../gate/handoff.js';
import { type ModelPack, type PackDescription, readPack, writePack } from '../../model/index.js';
import { FEATURES } from '../feed/mfcc-frames.js';
import { EPSILON } from '../network/batch-norm.js';
import { DETECTOR, GATE_HANGOVER_SCORES, GATE_SMOOTHING_SCORES, SCORE_STEPS } from '../network/decision.js';
import type { Moments } from '../network/moments.js';
import type { NetworkShape } from '../network/network.js';
import type { WeightMap } from '../network/weights.js';
import { exportBack, windowStepsFor } from './back-model.js';
import { describeFront, describeGate, frontTensors } from './front-description.js';

/** Positions of one handoff: as many as there are from one handoff to the next. */
const POSITIONS = 2;
const HOP_STEPS = SCORE_STEPS * POSITIONS;

export interface PackChoices {
  readonly name: string;
  readonly description: string;
  readonly made: Record<string, unknown>;
  readonly gateThreshold: number;
  readonly gateCurve?: NonNullable<PackDescription['gate']['curve']>;
  /** One for all keywords, or one each. */
  readonly thresholds: number | Readonly<Record<string, number>>;
  readonly zeroPrior?: Uint8Array;
}

/** Writes a trained network as a model pack, and reads it back. */
export async function exportPack(
  directory: string,
  shape: NetworkShape,
  weights: WeightMap,
  mfcc: Moments,
  keywords: readonly string[],
  choices: PackChoices,
): Promise<ModelPack> {
  const windowSteps = windowStepsFor(shape, POSITIONS);
  const back = await exportBack(shape, weights, keywords.length, windowSteps);
  const { thresholds } = choices;
  const description: PackDescription = {
    name: choices.name,
    description: choices.description,
    licence: 'Apache-2.0',
    made: choices.made,
    keywords: keywords.map((name) => ({
      name,
      threshold: typeof thresholds === 'number' ? thresholds : thresholds[name],
      patience: 1,
    })),
    features: FEATURES,
    front: { batchNormEpsilon: EPSILON, layers: describeFront(shape) },
    gate: {
      layers: describeGate(shape),
      threshold: choices.gateThreshold,
      smoothingScores: GATE_SMOOTHING_SCORES,
      hangoverSteps: SCORE_STEPS * GATE_HANGOVER_SCORES,
      ...(choices.gateCurve ? { curve: choices.gateCurve } : {}),
    },
    compression: {
      channels: shape.frontChannels,
      levelStep: shape.levelStep,
      maxLevel: shape.maxLevel,
      zeroPrior: [...(choices.zeroPrior ?? estimateZeroPrior([], shape.frontChannels))],
    },
    handoff: { windowSteps, hopSteps: HOP_STEPS },
    back: { macs: back.macs, positions: back.positions, positionSteps: SCORE_STEPS },
    detector: DETECTOR,
  };
  await writePack(directory, description, frontTensors(shape, weights, mfcc), back.model);
  return readPack(directory);
}
