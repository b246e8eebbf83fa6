import * as tf from '@tensorflow/tfjs-core';
import { SAMPLE_RATE } from '../../audio/index.js';
import { Detector } from '../../classifier/detector.js';
import type { Clip } from '../corpus/corpus.js';
import { stopRate } from '../evaluation/stop-rate.js';
import { withTail } from '../evaluation/with-tail.js';
import { atSnr } from '../feed/add-noise.js';
import { FEATURES, mfccFrames } from '../feed/mfcc-frames.js';
import { DETECTOR, GATE_HANGOVER_SCORES, GATE_SMOOTHING_SCORES, SCORE_STEPS } from '../network/decision.js';
import type { KeywordNetwork } from '../network/keyword-network.js';
import { Random } from '../random.js';

/**
 * Dev figures of a network in training, which is run over whole clips at once. The figures of a pack come from the pipeline itself
 * (`wakegate eval`).
 */
export interface DevFigures {
  /** Word clips with no detection of their word, at each number of false accepts. */
  readonly clean: readonly OperatingPoint[];
  readonly noisy: readonly OperatingPoint[];
  readonly negativeHours: number;
  readonly gate: {
    readonly threshold: number;
    readonly stopped: Readonly<Record<'speech' | 'noise' | 'music', number>>;
  };
  readonly nonZero: number;
}

export interface OperatingPoint {
  readonly falseAccepts: number;
  readonly threshold: number;
  readonly falseRejects: number;
  readonly clips: number;
}

interface Scored {
  readonly clip: Clip;
  /** [positions, keywords + 1], one every 80 ms. */
  readonly posteriors: Float32Array;
  readonly gate: Float32Array;
  readonly nonZero: number;
}

const LEAD_FRAMES = 160;
const FALSE_ACCEPTS = [0, 1, 2, 5];
const POSITION_SAMPLES = 2 * SCORE_STEPS * FEATURES.hopSamples;

export class DevSet {
  readonly #words: readonly Clip[];
  readonly #noisyWords: readonly Clip[];
  readonly #negatives: readonly Clip[];
  readonly #keywords: readonly string[];

  constructor(clips: readonly Clip[], keywords: readonly string[]) {
    this.#keywords = keywords;
    this.#words = clips.filter((clip) => clip.kind === 'word' && keywords.includes(clip.label));
    this.#negatives = clips.filter((clip) => clip.kind !== 'word');
    const noises = clips.filter((clip) => clip.kind === 'noise').map((clip) => clip.samples);
    const random = new Random(5);
    this.#noisyWords = this.#words.map((clip) => ({
      ...clip,
      samples: atSnr(clip.samples, noises, 10, random),
    }));
  }

  figures(network: KeywordNetwork): DevFigures {
    const score = (clips: readonly Clip[]) => clips.map((clip) => scored(network, clip));
    const words = score(this.#words);
    const noisy = score(this.#noisyWords);
    const negatives = score(this.#negatives);
    const highest = words.map(({ gate }) => gate.reduce((a, b) => Math.max(a, b), 0)).sort((a, b) => a - b);
    const threshold = highest[Math.floor(highest.length * 0.01)];
    const stopped = (kind: Clip['kind']) =>
      stopRate(
        negatives.filter(({ clip }) => clip.kind === kind).map(({ gate }) => gate),
        threshold,
        GATE_HANGOVER_SCORES,
      );
    return {
      clean: this.#operatingPoints(words, negatives),
      noisy: this.#operatingPoints(noisy, negatives),
      negativeHours: negatives.reduce((sum, { clip }) => sum + clip.samples.length, 0) / SAMPLE_RATE / 3600,
      gate: {
        threshold,
        stopped: { speech: stopped('speech'), noise: stopped('noise'), music: stopped('music') },
      },
      nonZero: words.reduce((sum, { nonZero }) => sum + nonZero, 0) / words.length,
    };
  }

  /** For each number of false accepts the lowest threshold, the same for all keywords, that has no more of them. */
  #operatingPoints(words: readonly Scored[], negatives: readonly Scored[]): OperatingPoint[] {
    const points: OperatingPoint[] = [];
    const thresholds = Array.from({ length: 60 }, (_, i) => 1 / (1 + Math.exp(3 - i * 0.2)));
    for (const threshold of thresholds) {
      const falseAccepts = negatives.reduce(
        (sum, { posteriors }) => sum + this.#detections(posteriors, threshold).length,
        0,
      );
      for (const allowed of FALSE_ACCEPTS) {
        if (falseAccepts > allowed || points.some((point) => point.falseAccepts === allowed)) continue;
        const falseRejects = words.filter(
          ({ clip, posteriors }) => !this.#detections(posteriors, threshold).includes(clip.label),
        ).length;
        points.push({ falseAccepts: allowed, threshold, falseRejects, clips: words.length });
      }
    }
    return points.sort((a, b) => a.falseAccepts - b.falseAccepts);
  }

  #detections(posteriors: Float32Array, threshold: number): string[] {
    const detector = new Detector(
      this.#keywords.map((name) => ({ name, threshold, patience: 1 })),
      DETECTOR,
    );
    const classes = this.#keywords.length + 1;
    const found: string[] = [];
    for (let position = 0; position * classes < posteriors.length; position++) {
      const detection = detector.push(position * POSITION_SAMPLES, posteriors, position * classes);
      if (detection) found.push(detection.keyword);
    }
    return found;
  }
}

function scored(network: KeywordNetwork, clip: Clip): Scored {
  const frames = mfccFrames(withTail(clip.samples));
  const lead = LEAD_FRAMES * FEATURES.coefficients;
  const withLead = new Float32Array(lead + frames.length);
  withLead.set(frames, lead);
  const [posteriors, gate, active] = tf.tidy(() => {
    const { compressed, gate, logits } = network.forward(network.standardize(withLead, 1), false);
    return [tf.softmax(logits), tf.sigmoid(gate), tf.mean(tf.cast(tf.greater(compressed, 0), 'float32'))];
  });
  const values = [posteriors, gate, active].map((tensor) => tensor.dataSync() as Float32Array);
  tf.dispose([posteriors, gate, active]);
  return { clip, posteriors: values[0], gate: smoothed(values[1]), nonZero: values[2][0] };
}

/** Each score's mean with those before it, as the gate smooths them. The first one stands for those before it. */
function smoothed(scores: Float32Array): Float32Array {
  return scores.map((_, i) => {
    let sum = 0;
    for (let back = 0; back < GATE_SMOOTHING_SCORES; back++) sum += scores[Math.max(0, i - back)];
    return sum / GATE_SMOOTHING_SCORES;
  });
}
