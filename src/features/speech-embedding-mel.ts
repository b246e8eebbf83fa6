import { RealFft } from './fft.js';

/** What Google's speech embedding hears: the numbers are those of the model, and of no use with others. */
export const SPEECH_EMBEDDING_LEVELS = {
  kind: 'speech-embedding',
  sampleRate: 16_000,
  windowSamples: 512,
  hopSamples: 160,
  bands: 32,
} as const;

/** A Hann window of 25 ms in the middle of a frame. */
const HANN_SAMPLES = 400;
const LOW_HZ = 60;
const HIGH_HZ = 3800;
/** Power below this counts as this. */
const FLOOR = 1e-10;
/** Powers of ten from the loudest level to the lowest that is told apart: 80 dB. */
const RANGE = 8;
const OFFSET = 2;

/**
 * Mel levels as Google's speech embedding (Lin et al. 2020, arXiv 2002.01322) hears them through openWakeWord's front end: triangles on
 * Slaney's mel scale with equal areas, log10 of the power, at most 80 dB below the loudest of the stretch. Samples keep the scale of int16.
 */
export class SpeechEmbeddingMel {
  readonly #fft = new RealFft(SPEECH_EMBEDDING_LEVELS.windowSamples);
  readonly #window: Float64Array;
  readonly #power = new Float64Array(SPEECH_EMBEDDING_LEVELS.windowSamples / 2);
  readonly #bands: readonly { readonly firstBin: number; readonly weights: Float64Array }[];

  /** @param warp moves the triangles to `warp` times their frequency, as another vocal tract length would (Jaitly and Hinton 2013) */
  constructor(warp = 1) {
    const { windowSamples, bands, sampleRate } = SPEECH_EMBEDDING_LEVELS;
    const lead = (windowSamples - HANN_SAMPLES) / 2;
    this.#window = new Float64Array(windowSamples);
    for (let i = 0; i < HANN_SAMPLES; i++) {
      this.#window[lead + i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / HANN_SAMPLES);
    }
    const [lowMel, highMel] = [melOfHz(LOW_HZ), melOfHz(HIGH_HZ)];
    const corners = Array.from(
      { length: bands + 2 },
      (_, i) => warp * hzOfMel(lowMel + ((highMel - lowMel) * i) / (bands + 1)),
    );
    const hzOfBin = sampleRate / windowSamples;
    this.#bands = Array.from({ length: bands }, (_, band) => {
      const [low, peak, high] = corners.slice(band, band + 3) as [number, number, number];
      const firstBin = Math.ceil(low / hzOfBin);
      const lastBin = Math.min(windowSamples / 2 - 1, Math.floor(high / hzOfBin));
      const weights = Float64Array.from({ length: Math.max(0, lastBin - firstBin + 1) }, (_, i) => {
        const hz = (firstBin + i) * hzOfBin;
        return (2 / (high - low)) * Math.min((hz - low) / (peak - low), (high - hz) / (high - peak));
      });
      return { firstBin, weights };
    });
  }

  /** @returns [frames, bands]: frame n begins with sample n * 160 */
  frames(samples: Int16Array): Float32Array<ArrayBuffer> {
    const { windowSamples, hopSamples, bands } = SPEECH_EMBEDDING_LEVELS;
    const count = Math.max(0, Math.floor((samples.length - windowSamples) / hopSamples) + 1);
    const out = new Float32Array(count * bands);
    let loudest = Number.NEGATIVE_INFINITY;
    for (let frame = 0; frame < count; frame++) {
      this.#fft.load(samples, frame * hopSamples, this.#window);
      this.#fft.powerSpectrum(this.#power);
      for (let band = 0; band < bands; band++) {
        const { firstBin, weights } = this.#bands[band];
        let sum = 0;
        for (let i = 0; i < weights.length; i++) sum += weights[i] * this.#power[firstBin + i];
        const level = Math.log10(Math.max(FLOOR, sum)) + OFFSET;
        out[frame * bands + band] = level;
        loudest = Math.max(loudest, level);
      }
    }
    for (let i = 0; i < out.length; i++) out[i] = Math.max(loudest - RANGE, out[i]);
    return out;
  }
}

/** Slaney's mel scale: linear to 1 kHz, logarithmic above. */
const LINEAR_HZ = 200 / 3;
const LOG_FROM_HZ = 1000;
const LOG_FROM_MEL = LOG_FROM_HZ / LINEAR_HZ;
const LOG_STEP = Math.log(6.4) / 27;

function melOfHz(hz: number): number {
  return hz < LOG_FROM_HZ ? hz / LINEAR_HZ : LOG_FROM_MEL + Math.log(hz / LOG_FROM_HZ) / LOG_STEP;
}

function hzOfMel(mel: number): number {
  return mel < LOG_FROM_MEL ? mel * LINEAR_HZ : LOG_FROM_HZ * Math.exp(LOG_STEP * (mel - LOG_FROM_MEL));
}
