import { type HeldSound, SoundPages } from '../audio/sound-pages.js';
import type { EnergyMeter } from '../energy/index.js';
import type { ModelPack, SecondLookModel } from '../model/index.js';
import type { Detection } from './detector.js';
import { logit, sigmoid } from './logit.js';
import { secondLookSamples } from './second-look-model.js';
import type { HandoffClassifier } from './types.js';

/** What came of a second look at a candidate. */
export interface SecondLookVerdict {
  readonly keyword: string;
  /** Sample number at the end of the position that asked for it. */
  readonly sample: number;
  /** Smoothed posterior of the keyword that asked for it. */
  readonly posterior: number;
  /** What the second network gives the keyword. */
  readonly second: number;
  /** Both joined: what is held against the threshold. */
  readonly score: number;
  readonly cpuMs: number;
}

/** The front of a stream may run ahead of the step that is handed over: frames in a block, and those of the level gate. */
const AHEAD_SAMPLES = 2 * 16_000;

/**
 * The second look of one stream: keeps the newest sound, and has the classifier's worker judge what a handoff was made from.
 * Nothing is allocated before a handoff, and nothing is copied before a look.
 */
export class SecondLookStage {
  /** Highest joined score of each keyword since the start. */
  readonly maxScores: Float64Array;
  readonly #model: SecondLookModel;
  readonly #classifier: Pick<HandoffClassifier, 'look'>;
  readonly #meter: EnergyMeter;
  readonly #heard: SoundPages;
  readonly #samples: number;
  /** More sound for the older positions of a handoff. */
  readonly #reach: number;

  /** @param stepSamples samples in a step of the front half */
  constructor(
    pack: Pick<ModelPack, 'keywords' | 'back'>,
    model: SecondLookModel,
    classifier: Pick<HandoffClassifier, 'look'>,
    meter: EnergyMeter,
    stepSamples: number,
  ) {
    this.#model = model;
    this.#classifier = classifier;
    this.#meter = meter;
    this.#samples = secondLookSamples(model);
    this.#reach = (pack.back.positions - 1) * pack.back.positionSteps * stepSamples;
    this.#heard = new SoundPages(this.#samples + this.#reach + AHEAD_SAMPLES);
    this.maxScores = new Float64Array(pack.keywords.length);
  }

  get keywords(): SecondLookModel['keywords'] {
    return this.#model.keywords;
  }

  /** Takes the samples from `from` up to `to`. */
  hear(samples: Int16Array, from: number, to: number): void {
    this.#heard.write(samples, from, to);
  }

  /** The stream goes on with that sample: what came before is not its past. */
  restart(startSample: number): void {
    this.#heard.restart(startSample);
  }

  /** The sound up to the end of a handoff, for {@link judge}; silence where the stream had not begun. */
  soundBefore(endSample: number): HeldSound {
    return this.#heard.hold(endSample - this.#samples - this.#reach, endSample);
  }

  /**
   * @param sound that {@link soundBefore} gave for the handoff with the candidate's position
   *
   * Resolves to null where the classifier dropped it, and rejects as that does.
   */
  async judge(candidate: Detection, sound: HeldSound): Promise<SecondLookVerdict | null> {
    const { keyword, keywordIndex, sample, score: posterior } = candidate;
    const heard = sound.copy(sample - this.#samples, sample);
    const look = await this.#classifier.look(heard);
    if (look === null) return null;
    const { posteriors, cpuMs } = look;
    this.#meter.add('secondLook', {
      calls: 1,
      cpuMs,
      macs: this.#model.macs,
      bytesIn: heard.byteLength,
      bytesOut: posteriors.byteLength,
    });
    const second = posteriors[keywordIndex + 1];
    const { bias, weight = this.#model.weight } = this.#model.keywords[keyword];
    const score = joinedScore(posterior, second, weight, bias);
    this.maxScores[keywordIndex] = Math.max(this.maxScores[keywordIndex], score);
    return { keyword, sample, posterior, second, score, cpuMs };
  }
}

/** Two opinions as one: the sum of their logits, the second by `weight`, moved by `bias`, as a probability. */
export function joinedScore(posterior: number, second: number, weight: number, bias: number): number {
  return sigmoid(logit(posterior) + weight * logit(second) + bias);
}
