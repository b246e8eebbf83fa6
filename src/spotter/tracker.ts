import { SAMPLE_RATE } from '../audio/index.js';
import type { ModelPack } from '../model/index.js';
import type { Listener } from '../pipeline.js';
import type { ScoresAt, Track } from '../protocol/index.js';

type Look = Track['looks'][number];

/** Writes down what a listener thinks of a stream that begins at sample 0. */
export class Tracker {
  readonly #stepSamples: number;
  readonly #threshold: number;
  readonly #scores: number[] = [];
  readonly #openings: [from: number, to: number][] = [];
  readonly #positions: ScoresAt[] = [];
  readonly #looks: Look[] = [];

  constructor(listener: Listener, { gate, keywords }: Pick<ModelPack, 'gate' | 'keywords'>) {
    this.#stepSamples = listener.stepSamples;
    this.#threshold = gate.threshold;
    listener.onStep = (score, endSample) => {
      const step = Math.round(endSample / this.#stepSamples) - 1;
      while (this.#scores.length < step) this.#scores.push(0); // skipped, at the noise floor
      this.#scores[step] = rounded(score, 4);
    };
    listener.on('gate', ({ open, sample }) => {
      const time = seconds(sample);
      if (open) this.#openings.push([time, Number.POSITIVE_INFINITY]);
      else this.#openings.at(-1)![1] = time;
    });
    listener.on('position', ({ sample, scores }) => {
      const named = keywords.map(({ name }, k) => [name, rounded(scores[k], 6)]);
      this.#positions.push({ time: seconds(sample), scores: Object.fromEntries(named) });
    });
    listener.on('secondLook', ({ keyword, sample, posterior, second, score, agreed }) => {
      this.#looks.push({
        time: seconds(sample),
        keyword,
        posterior: rounded(posterior, 6),
        second: rounded(second, 6),
        score: rounded(score, 6),
        agreed,
      });
    });
  }

  track(): Track {
    const end = rounded((this.#scores.length * this.#stepSamples) / SAMPLE_RATE, 3);
    return {
      gate: {
        threshold: this.#threshold,
        stepSeconds: this.#stepSamples / SAMPLE_RATE,
        scores: this.#scores,
        openings: this.#openings.map(([from, to]) => [from, Math.min(to, end)]),
      },
      positions: this.#positions,
      looks: this.#looks,
    };
  }
}

function seconds(sample: number): number {
  return rounded(sample / SAMPLE_RATE, 3);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
