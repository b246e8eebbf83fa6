import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import {
  GatedCompression,
  gatedCompression,
  gatedLosses,
  gatedTargets,
  splitAtGate,
} from '../../src/training/index.js';
import { type Moments, standardized } from '../../src/training/network/moments.js';
import { setWeights, type WeightMap } from '../../src/training/network/weights.js';
import { Random } from '../../src/training/random.js';
import { COEFFICIENTS, FRAMES, type RecipeName, WINDOW_VALUES, type Windows } from './features.js';
import { plainNetwork } from './network.js';
import { CLASSES, ELSE, SILENCE } from './task.js';

/** One training of one network. */
export interface RunSettings {
  readonly name: string;
  readonly seed: number;
  readonly recipe: RecipeName;
  /** null: the same network without a GC layer. */
  readonly gate: { readonly block: number; readonly alpha: number; readonly beta: number } | null;
  /** Whether the first half starts from the distilled trunk. */
  readonly distilled: boolean;
}

/** What a network says of each dev window, by condition. */
export interface RunResult {
  readonly settings: RunSettings;
  readonly steps: number;
  readonly seconds: number;
  readonly loss: number;
  readonly clean: Answers;
  readonly noisy: Answers;
}

export interface Answers {
  readonly predicted: readonly number[];
  /** The gate's highest score in each window; empty without a gate. */
  readonly scores: readonly number[];
  /** Of what is handed over for positives: share of zeros, and bits that a number takes (entropy, channel by channel). */
  readonly zeros: number | null;
  readonly bits: number | null;
}

export interface Heard {
  readonly train: Windows;
  readonly clean: Windows;
  readonly noisy: Windows;
  readonly moments: Moments;
  readonly distilled: WeightMap | null;
}

const BATCH = 100;
/** Windows of a batch: of the words in equal shares, of everything else, of silence. */
const SHARES = { words: 60, else: 24, silence: 16 } as const;
const LEARNING_RATE = 3e-3;

/** Trains and measures. The same seed gives the same batches and first weights with a gate as without. */
export async function trainRun(settings: RunSettings, heard: Heard, steps: number): Promise<RunResult> {
  const started = Date.now();
  const plain = plainNetwork(settings.seed);
  if (settings.distilled) startFromTrunk(plain, heard.distilled!);
  const { gate, seed } = settings;
  const model = gate
    ? gatedCompression(plain, {
        after: `front${gate.block}_relu`,
        gate: 'causal',
        alpha: gate.alpha,
        beta: gate.beta,
        seed,
      })
    : plain;
  const optimizer = tf.train.adam(LEARNING_RATE);
  const loss = gate ? gatedLosses(model, 'categoricalCrossentropy') : 'categoricalCrossentropy';
  model.compile({ optimizer, loss });

  const draw = new Drawing(heard.train.labels, new Random(seed));
  let running = 0;
  for (let step = 0; step < steps; step++) {
    const warmUp = Math.min(1, (step + 1) / 100);
    const cosine = 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    (optimizer as unknown as { learningRate: number }).learningRate = LEARNING_RATE * warmUp * cosine;
    const chosen = draw.batch();
    const x = tf.tidy(() => inputs(heard.train, chosen, heard.moments));
    const labels = tf.tidy(() =>
      tf.oneHot(
        tf.tensor1d(
          chosen.map((i) => heard.train.labels[i]),
          'int32',
        ),
        CLASSES.length,
      ),
    );
    const targets = gate ? gatedTargets(labels, { negative: [ELSE, SILENCE] }) : [labels];
    const losses = await model.trainOnBatch(x, gate ? targets : labels);
    tf.dispose([x, ...new Set(targets)]);
    running += ([losses].flat()[0] - running) / Math.min(step + 1, 50);
    if (step % 200 === 199) {
      const seconds = ((Date.now() - started) / 1000) * (steps / (step + 1) - 1);
      console.error(
        `study: ${settings.name} step ${step + 1}/${steps} loss ${running.toFixed(4)}, ${Math.round(seconds)} s left`,
      );
    }
  }
  const result = {
    settings,
    steps,
    seconds: Math.round((Date.now() - started) / 1000),
    loss: running,
    clean: answers(model, heard.clean, heard.moments),
    noisy: answers(model, heard.noisy, heard.moments),
  };
  model.dispose();
  if (model !== plain) plain.dispose();
  optimizer.dispose();
  return result;
}

function startFromTrunk(model: tfl.LayersModel, trunk: WeightMap): void {
  setWeights(
    model.layers.filter(({ name }) => name.startsWith('front')),
    trunk,
  );
}

/** Draws batches of which each class has its share. */
class Drawing {
  readonly #random: Random;
  readonly #byClass: number[][];

  constructor(labels: Uint8Array, random: Random) {
    this.#random = random;
    this.#byClass = CLASSES.map((_, label) => [...labels.keys()].filter((i) => labels[i] === label));
  }

  batch(): number[] {
    const count = (label: number) =>
      label === ELSE ? SHARES.else : label === SILENCE ? SHARES.silence : SHARES.words / (CLASSES.length - 2);
    return this.#byClass.flatMap((members, label) =>
      Array.from({ length: count(label) }, () => this.#random.pick(members)),
    );
  }
}

function inputs({ frames }: Windows, chosen: readonly number[], moments: Moments): tf.Tensor {
  const values = new Float32Array(chosen.length * WINDOW_VALUES);
  chosen.forEach((window, i) => {
    values.set(frames.subarray(window * WINDOW_VALUES, (window + 1) * WINDOW_VALUES), i * WINDOW_VALUES);
  });
  return standardized(values, [chosen.length, FRAMES, 1, COEFFICIENTS], moments);
}

function answers(model: tfl.LayersModel, windows: Windows, moments: Moments): Answers {
  const predicted: number[] = [];
  const scores: number[] = [];
  const handedOver: Float32Array[] = [];
  const gate = model.layers.find((layer) => layer instanceof GatedCompression);
  const front = gate && splitAtGate(model).front;
  let channels = 0;
  for (let at = 0; at < windows.labels.length; at += BATCH) {
    const chosen = Array.from({ length: Math.min(BATCH, windows.labels.length - at) }, (_, i) => at + i);
    tf.tidy(() => {
      const x = inputs(windows, chosen, moments);
      const [classes, score] = [model.predict(x)].flat() as tf.Tensor[];
      predicted.push(...tf.argMax(classes, 1).dataSync());
      if (!front) return;
      scores.push(...score.dataSync());
      const positive = chosen.flatMap((window, i) => (windows.labels[window] < ELSE ? [i] : []));
      if (positive.length === 0) return;
      const [z] = front.predict(tf.gather(x, tf.tensor1d(positive, 'int32'))) as tf.Tensor[];
      channels = z.shape[z.rank - 1]!;
      handedOver.push(z.dataSync() as Float32Array);
    });
  }
  const compression = gate ? levels(handedOver, channels, gate.levelStep) : { zeros: null, bits: null };
  return { predicted, scores, ...compression };
}

/** Share of zeros, and the entropy of the levels in bits, each channel by itself. */
function levels(
  parts: readonly Float32Array[],
  channels: number,
  levelStep: number,
): { zeros: number; bits: number } {
  const counts = Array.from({ length: channels }, () => new Map<number, number>());
  let all = 0;
  for (const part of parts) {
    part.forEach((value, i) => {
      const of = counts[i % channels];
      const level = Math.round(value / levelStep);
      of.set(level, (of.get(level) ?? 0) + 1);
    });
    all += part.length;
  }
  let [zeros, bits] = [0, 0];
  for (const of of counts) {
    zeros += of.get(0) ?? 0;
    for (const count of of.values()) bits -= count * Math.log2((count * channels) / all);
  }
  return { zeros: zeros / all, bits: bits / all };
}
