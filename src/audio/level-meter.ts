import { SAMPLE_RATE } from './source.js';

const FULL_SCALE = 32_768;
/** A tenth of a second. */
const BLOCK_SAMPLES = SAMPLE_RATE / 10;
/** The floor falls to a quieter tenth by this share of the difference, and rises by so many dB a tenth: 9 dB a minute. */
const FLOOR_FALL = 0.3;
const FLOOR_RISE_DB = 9 / 600;
/** Rounding to 16 bits: nothing is quieter but digital silence. */
const QUIETEST_DBFS = -101;

/** The level of a stream, ten times a second of it, however it is cut. Allocates nothing. */
export class LevelMeter {
  readonly #onLevel: (dbfs: number, endSample: number) => void;
  #sum = 0;
  #filled = 0;
  #dbfs = Number.NEGATIVE_INFINITY;
  #noiseDbfs = Number.NaN;

  /** @param onLevel called for every tenth of a second, with its level and the number of the sample after it */
  constructor(onLevel: (dbfs: number, endSample: number) => void = () => {}) {
    this.#onLevel = onLevel;
  }

  /** Root mean square of the newest whole tenth of a second, in dBFS; -Infinity for silence, and before it. */
  get dbfs(): number {
    return this.#dbfs;
  }

  /** Level of what is there when nothing stands out: it follows the quietest tenths. NaN before the first one. */
  get noiseDbfs(): number {
    return this.#noiseDbfs;
  }

  /** @param startSample number of the first sample */
  push(samples: Int16Array, startSample: number): void {
    for (let at = 0; at < samples.length; ) {
      const end = Math.min(samples.length, at + BLOCK_SAMPLES - this.#filled);
      let sum = this.#sum;
      for (let i = at; i < end; i++) sum += samples[i] * samples[i];
      this.#sum = sum;
      this.#filled += end - at;
      at = end;
      if (this.#filled < BLOCK_SAMPLES) continue;
      this.#dbfs = 10 * Math.log10(this.#sum / BLOCK_SAMPLES / FULL_SCALE ** 2);
      this.#sum = 0;
      this.#filled = 0;
      this.#followNoise(Math.max(QUIETEST_DBFS, this.#dbfs));
      this.#onLevel(this.#dbfs, startSample + at);
    }
  }

  /** Forgets what was heard: what comes next is not of one piece with it, or nothing comes. */
  reset(): void {
    this.#sum = 0;
    this.#filled = 0;
    this.#dbfs = Number.NEGATIVE_INFINITY;
    this.#noiseDbfs = Number.NaN;
  }

  #followNoise(dbfs: number): void {
    if (Number.isNaN(this.#noiseDbfs)) this.#noiseDbfs = dbfs;
    else if (dbfs < this.#noiseDbfs) this.#noiseDbfs += FLOOR_FALL * (dbfs - this.#noiseDbfs);
    else this.#noiseDbfs += Math.min(FLOOR_RISE_DB, dbfs - this.#noiseDbfs);
  }
}
