/** 20 ms at 16 kHz. */
const HOP_SAMPLES = 320;
/** 10 s. */
const HOPS = 500;
/** A word and what follows until it is detected: 2 s. */
const WORD_HOPS = 100;
/** The loudest half second of it is the word. */
const LOUD_HOPS = 25;
/** Of the hops before the word, the share that is quieter than the noise floor. */
const FLOOR_SHARE = 0.3;
/** Mean square of rounding noise. */
const ROUNDING = 1;

/**
 * How far a word stands out of a microphone's own noise. Keeps the levels of the last ten seconds, and looks at them only when it is
 * asked. As the level gate does, it takes the differences of neighbouring samples, so that hum does not count.
 */
export class SignalLevel {
  readonly #ring = new Float32Array(HOPS);
  /** Hops since the start. */
  #hops = 0;
  #sum = 0;
  #inHop = 0;
  #last = 0;
  #nextSample = 0;

  hear(samples: Int16Array, startSample: number): void {
    if (startSample !== this.#nextSample) {
      this.#sum = this.#inHop = 0;
      this.#hops = Math.floor(startSample / HOP_SAMPLES);
    }
    this.#nextSample = startSample + samples.length;
    let last = this.#last;
    let sum = this.#sum;
    let inHop = this.#inHop;
    for (let i = 0; i < samples.length; i++) {
      const difference = samples[i] - last;
      last = samples[i];
      sum += difference * difference;
      if (++inHop < HOP_SAMPLES) continue;
      this.#ring[this.#hops++ % HOPS] = sum / HOP_SAMPLES;
      sum = inHop = 0;
    }
    this.#last = last;
    this.#sum = sum;
    this.#inHop = inHop;
  }

  /** Level of the word that ends with a sample over the noise before it, in dB; 0 where nothing was heard before. */
  overNoiseDb(sample: number): number {
    const end = Math.min(this.#hops, Math.floor(sample / HOP_SAMPLES));
    const word = this.#levels(end - WORD_HOPS, end);
    const before = this.#levels(end - HOPS + 1, end - WORD_HOPS);
    const noise = (before.length >= WORD_HOPS / 2 ? before : word).sort();
    if (word.length === 0) return 0;
    const floor = Math.max(ROUNDING, noise[Math.floor(FLOOR_SHARE * noise.length)]);
    const loud = word.slice().sort().subarray(-LOUD_HOPS);
    const power = loud.reduce((sum, level) => sum + level, 0) / loud.length;
    return 10 * Math.log10(Math.max(0.1, power / floor - 1));
  }

  /** Of hops that are still known. */
  #levels(from: number, to: number): Float32Array {
    const first = Math.max(0, from, this.#hops - HOPS);
    const levels = new Float32Array(Math.max(0, to - first));
    for (let hop = first; hop < to; hop++) levels[hop - first] = this.#ring[hop % HOPS];
    return levels;
  }
}
