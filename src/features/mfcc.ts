import type { FeatureSettings } from '../model/pack.js';
import { Dct } from './dct.js';
import type { Extractor } from './extractor.js';
import { RealFft } from './fft.js';
import { hannWindow } from './hann-window.js';
import { type MelBank, melBank, melLevels } from './mel.js';

/** Those that {@link Mfcc.of} has made. */
const madeFor = new WeakMap<FeatureSettings, Mfcc>();

/**
 * Mel-frequency cepstral coefficients of single frames, by Meyda's definition: Hann window, power spectrum, mel
 * triangles, log(1 + x), DCT-II scaled by 2. Samples keep the scale of int16. Nothing is allocated per frame.
 */
export class Mfcc implements Extractor {
  readonly settings: FeatureSettings;
  readonly #fft: RealFft;
  readonly #window: Float64Array;
  readonly #power: Float64Array;
  readonly #bank: MelBank;
  readonly #levels: Float64Array;
  readonly #dct: Dct;

  constructor(settings: FeatureSettings) {
    const { windowSamples, melBands, coefficients, sampleRate } = settings;
    this.settings = settings;
    this.#fft = new RealFft(windowSamples);
    this.#window = hannWindow(windowSamples);
    this.#power = new Float64Array(windowSamples / 2);
    this.#bank = melBank(melBands, windowSamples, sampleRate);
    this.#levels = new Float64Array(melBands);
    this.#dct = new Dct(melBands, coefficients);
  }

  /**
   * One for all streams of these settings: it keeps nothing from one frame to the next, and its tables, of which each
   * stream would have a copy, stay in the processor's cache.
   */
  static of(settings: FeatureSettings): Mfcc {
    let mfcc = madeFor.get(settings);
    if (!mfcc) madeFor.set(settings, (mfcc = new Mfcc(settings)));
    return mfcc;
  }

  /** Multiplications for one frame: window, FFT, power, mel bank, DCT. */
  get macs(): number {
    const { windowSamples, melBands, coefficients } = this.settings;
    return windowSamples + this.#fft.multiplications + this.#bank.weights.length + melBands * coefficients;
  }

  /**
   * @param samples where `windowSamples` samples begin at `at`
   * @param out receives `coefficients` numbers from `outAt` on
   */
  compute(samples: Int16Array, at: number, out: Float32Array, outAt: number): void {
    this.#fft.load(samples, at, this.#window);
    this.#fft.powerSpectrum(this.#power);
    melLevels(this.#bank, this.#power, this.#levels);
    this.#dct.transform(this.#levels, out, outAt);
  }
}
