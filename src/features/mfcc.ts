import type { FeatureSettings } from '../model/pack.js';
import { RealFft } from './fft.js';
import { type MelBank, melBank } from './mel.js';

/**
 * Mel-frequency cepstral coefficients of single frames, by Meyda's definition: Hann window, power spectrum, mel
 * triangles, log(1 + x), DCT-II scaled by 2. Samples keep the scale of int16. Nothing is allocated per frame.
 */
export class Mfcc {
  readonly settings: FeatureSettings;
  readonly #fft: RealFft;
  readonly #window: Float64Array;
  readonly #power: Float64Array;
  readonly #bank: MelBank;
  readonly #logBands: Float64Array;
  /** For each four coefficients [bands, 4]; coefficients that are not wanted fill the last group. */
  readonly #dct: Float64Array;
  readonly #cepstrum: Float64Array;

  constructor(settings: FeatureSettings) {
    const { windowSamples, melBands, coefficients, sampleRate } = settings;
    this.settings = settings;
    this.#fft = new RealFft(windowSamples);
    this.#window = Float64Array.from({ length: windowSamples }, (_, i) =>
      Math.fround(0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (windowSamples - 1))),
    );
    this.#power = new Float64Array(windowSamples / 2);
    this.#bank = melBank(melBands, windowSamples, sampleRate);
    this.#logBands = new Float64Array(melBands);
    this.#cepstrum = new Float64Array(Math.ceil(coefficients / 4) * 4);
    this.#dct = Float64Array.from({ length: this.#cepstrum.length * melBands }, (_, i) => {
      const coefficient = 4 * Math.floor(i / (4 * melBands)) + (i % 4);
      const band = Math.floor(i / 4) % melBands;
      return 2 * Math.cos((Math.PI / melBands) * (band + 0.5) * coefficient);
    });
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
    const { re, im, order } = this.#fft;
    const window = this.#window;
    for (let i = 0; i < order.length; i++) {
      const place = order[i];
      re[place] = samples[at + 2 * i] * window[2 * i];
      im[place] = samples[at + 2 * i + 1] * window[2 * i + 1];
    }
    const power = this.#power;
    this.#fft.powerSpectrum(power);

    const { firstBin, rowStart, weights } = this.#bank;
    const logBands = this.#logBands;
    const bands = logBands.length;
    for (let band = 0; band < bands; band++) {
      const end = rowStart[band + 1];
      let w = rowStart[band];
      let bin = firstBin[band];
      // Two sums at a time, as one alone would wait for each addition to end before the next.
      let even = 0;
      let odd = 0;
      for (; w + 1 < end; w += 2, bin += 2) {
        even += weights[w] * power[bin];
        odd += weights[w + 1] * power[bin + 1];
      }
      if (w < end) even += weights[w] * power[bin];
      logBands[band] = Math.log(even + odd + 1);
    }

    const dct = this.#dct;
    const cepstrum = this.#cepstrum;
    for (let first = 0, d = 0; first < cepstrum.length; first += 4) {
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let band = 0; band < bands; band++, d += 4) {
        const level = logBands[band];
        sum0 += dct[d] * level;
        sum1 += dct[d + 1] * level;
        sum2 += dct[d + 2] * level;
        sum3 += dct[d + 3] * level;
      }
      cepstrum[first] = sum0;
      cepstrum[first + 1] = sum1;
      cepstrum[first + 2] = sum2;
      cepstrum[first + 3] = sum3;
    }
    const coefficients = this.settings.coefficients;
    for (let c = 0; c < coefficients; c++) out[outAt + c] = cepstrum[c];
  }
}
