import { LEVEL_VALUE } from '../../model/own-keyword.js';
import type { Random } from '../random.js';
import type { Examples } from './examples.js';

/** Steps that the gate of a keyword hears at once: 1.28 s. */
export const GATE_TAPS = 32;
/** Steps from one score of the gate to the next. */
export const GATE_STRIDE = 2;

/** logit = sum of weights x values of the levels of the last steps + bias. */
export interface GateWeights {
  /** [taps, channels], oldest first. */
  readonly weights: Float32Array;
  readonly bias: number;
}

export interface GateTraining {
  readonly channels: number;
  readonly positives: readonly Examples[];
  readonly near: Examples;
  /** [steps, channels] without the keyword. */
  readonly bank: Uint8Array;
  /** Whether the phrase is said in the window that begins with a step of the bank. */
  readonly isLeftOut?: (step: number) => boolean;
  readonly random: Random;
  readonly steps: number;
}

const POSITIVE_BATCH = 64;
const NEAR_BATCH = 16;
const BANK_BATCH = 112;
/** Steps after the end of the word during which it has to be open. */
const OPEN: readonly [number, number] = [0, 11];
const LEARNING_RATE = 3e-3;
/** Strong: a gate that is sure of synthesized voices stops people. */
const DECAY = 1;
const BETA1 = 0.9;
const BETA2 = 0.999;
/** When the bank is searched for what opens the gate, as shares of all steps. */
const MINE_AT = [0.4, 0.7];

/** Trains a linear gate by logistic regression: it runs on every other step, always. */
export function trainGate(settings: GateTraining): GateWeights {
  const { channels, positives, near, bank, random, steps, isLeftOut = () => false } = settings;
  const inputs = GATE_TAPS * channels;
  const weights = new Float32Array(inputs + 1);
  const first = new Float32Array(inputs + 1);
  const second = new Float32Array(inputs + 1);
  const gradient = new Float32Array(inputs + 1);
  const bankSteps = bank.length / channels;
  weights[inputs] = -1;
  let hard: Int32Array = new Int32Array(0);
  const mineAt = new Set(MINE_AT.map((share) => Math.round(share * steps)));
  const learn = (from: Uint8Array, step: number, label: number) => {
    const start = step * channels;
    let logit = weights[inputs];
    for (let i = 0; i < inputs; i++) {
      const level = from[start + i];
      if (level > 0) logit += weights[i] * LEVEL_VALUE[level];
    }
    const slope = 1 / (1 + Math.exp(-logit)) - label;
    for (let i = 0; i < inputs; i++) {
      const level = from[start + i];
      if (level > 0) gradient[i] += slope * LEVEL_VALUE[level];
    }
    gradient[inputs] += slope;
  };
  for (let step = 0; step < steps; step++) {
    if (mineAt.has(step)) hard = mine({ weights, bias: weights[inputs] }, channels, bank);
    gradient.fill(0);
    for (let i = 0; i < POSITIVE_BATCH; i++) {
      const examples = random.pick(positives);
      const example = random.index(examples.count);
      const back = Math.max(0, Math.round(examples.after[example] - random.between(...OPEN)));
      learn(examples.levels, (example + 1) * examples.steps - GATE_TAPS - back, 1);
    }
    for (let i = 0; i < NEAR_BATCH; i++) {
      const start = random.index(near.count) * near.steps;
      learn(near.levels, start + random.index(near.steps - GATE_TAPS + 1), 0);
    }
    for (let i = 0; i < BANK_BATCH; i++) {
      const isHard = hard.length > 0 && i % 4 === 0;
      let place = isHard ? hard[random.index(hard.length)] : random.index(bankSteps - GATE_TAPS);
      while (isLeftOut(place)) place = random.index(bankSteps - GATE_TAPS);
      learn(bank, place, 0);
    }
    const correction = Math.sqrt(1 - BETA2 ** (step + 1));
    const learningRate = LEARNING_RATE * Math.max(0.02, 0.5 * (1 + Math.cos((Math.PI * step) / steps)));
    const rate = (learningRate * correction) / (1 - BETA1 ** (step + 1));
    const count = POSITIVE_BATCH + NEAR_BATCH + BANK_BATCH;
    for (let i = 0; i <= inputs; i++) {
      const g = gradient[i] / count;
      first[i] = BETA1 * first[i] + (1 - BETA1) * g;
      second[i] = BETA2 * second[i] + (1 - BETA2) * g * g;
      if (i < inputs) weights[i] *= 1 - learningRate * DECAY;
      weights[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + 1e-7 * correction);
    }
  }
  return { weights: weights.slice(0, inputs), bias: weights[inputs] };
}

/** Logits after every second step, from the first whole window on. */
export function gateStream(
  { weights, bias }: GateWeights,
  channels: number,
  levels: Uint8Array,
): Float32Array {
  const steps = levels.length / channels;
  const inputs = GATE_TAPS * channels;
  const out = new Float32Array(Math.max(0, Math.floor((steps - GATE_TAPS) / GATE_STRIDE) + 1));
  for (let n = 0; n < out.length; n++) {
    const start = n * GATE_STRIDE * channels;
    let sum = bias;
    for (let i = 0; i < inputs; i++) {
      const level = levels[start + i];
      if (level > 0) sum += weights[i] * LEVEL_VALUE[level];
    }
    out[n] = sum;
  }
  return out;
}

const HARD_PLACES = 4000;

function mine(gate: GateWeights, channels: number, bank: Uint8Array): Int32Array {
  const logits = gateStream(gate, channels, bank);
  const order = Int32Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a]);
  return order.subarray(0, HARD_PLACES).map((n) => n * GATE_STRIDE);
}
