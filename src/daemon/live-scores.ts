import { type LevelMeter, SAMPLE_RATE } from '../audio/index.js';
import type { Listener, ListenerEvents } from '../pipeline.js';
import type { Look } from '../protocol/index.js';
import type { EventBus } from './event-bus.js';
import type { SwitchingListener } from './switching-listener.js';

export interface LiveScoresOptions {
  readonly bus: EventBus;
  readonly listener: SwitchingListener;
  readonly level: LevelMeter;
}

/** A viewer who is kept waiting by a classifier that wakes is told of the newest looks only. */
const MOST_LOOKS = 16;

/**
 * What is heard and thought, for those who look at it live. While nobody does, it is not connected to anything: all that it costs is
 * a comparison for each chunk of sound.
 */
export class LiveScores {
  readonly #options: LiveScoresOptions;
  /** The one that it is connected to; null while nobody looks. */
  #watched: Listener | null = null;
  /** Of the loudest tenth of a second since the last event, and the sample after the newest. */
  #dbfs = Number.NEGATIVE_INFINITY;
  #sample = -1;
  #gateScore = 0;
  /** Highest of each keyword since the last event; of no meaning before `#judged`. */
  #posteriors = new Float32Array(0);
  #judged = false;
  #looks: Look[] = [];

  constructor(options: LiveScoresOptions) {
    this.#options = options;
  }

  /** Takes the level of a tenth of a second, and the number of the sample after it. */
  level(dbfs: number, sample: number): void {
    this.#dbfs = Math.max(dbfs, this.#sample < 0 ? Number.NEGATIVE_INFINITY : this.#dbfs);
    this.#sample = sample;
  }

  /** To be called after each chunk that was listened to: reports what came of it, where somebody looks. */
  heard(): void {
    const { bus, listener } = this.#options;
    if (bus.listenerCount('scores') === 0) {
      if (this.#watched !== null) this.#watch(null);
      this.#sample = -1;
      return;
    }
    if (this.#watched !== listener.current.listener) this.#watch(listener.current.listener);
    if (this.#sample < 0) return; // not a tenth of a second yet
    this.#publish();
    this.#sample = -1;
  }

  #watch(listener: Listener | null): void {
    if (this.#watched) {
      this.#watched.onStep = null;
      this.#watched.off('position', this.#onPosition).off('secondLook', this.#onLook);
    }
    this.#watched = listener;
    this.#startOver();
    if (listener === null) return;
    this.#posteriors = new Float32Array(this.#options.listener.current.pack.keywords.length);
    listener.onStep = (score) => {
      if (score > this.#gateScore) this.#gateScore = score;
    };
    listener.on('position', this.#onPosition).on('secondLook', this.#onLook);
  }

  readonly #onPosition = ({ scores }: ListenerEvents['position'][0]): void => {
    const posteriors = this.#posteriors;
    for (let k = 0; k < scores.length; k++) {
      if (!this.#judged || scores[k] > posteriors[k]) posteriors[k] = scores[k];
    }
    this.#judged = true;
  };

  readonly #onLook = ({ cpuMs: _, ...look }: ListenerEvents['secondLook'][0]): void => {
    this.#looks.push(look);
    if (this.#looks.length > MOST_LOOKS) this.#looks.shift();
  };

  #publish(): void {
    const { bus, listener, level } = this.#options;
    const { pack, classifier } = listener.current;
    bus.publishScores({
      sample: this.#sample,
      seconds: this.#sample / SAMPLE_RATE,
      dbfs: Number.isFinite(this.#dbfs) ? rounded(this.#dbfs, 10) : null,
      noiseDbfs: Number.isNaN(level.noiseDbfs) ? null : rounded(level.noiseDbfs, 10),
      gate: {
        score: rounded(this.#gateScore, 1e4),
        threshold: pack.gate.threshold,
        open: listener.current.listener.isOpen,
      },
      classifier: classifier.status().state,
      posteriors: this.#judged
        ? Object.fromEntries(pack.keywords.map(({ name }, k) => [name, rounded(this.#posteriors[k], 1e5)]))
        : null,
      looks: this.#looks,
    });
    this.#startOver();
  }

  #startOver(): void {
    this.#gateScore = 0;
    this.#judged = false;
    if (this.#looks.length > 0) this.#looks = [];
  }
}

function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
