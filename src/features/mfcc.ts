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
  /** [coefficients, bands] */
  readonly #dct: Float64Array;

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
    this.#dct = Float64Array.from({ length: coefficients * melBands }, (_, i) => {
      const coefficient = Math.floor(i / melBands);
      return 2 * Math.cos((Math.PI / melBands) * ((i % melBands) + 0.5) * coefficient);
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
      let energy = 0;
      for (let w = rowStart[band], bin = firstBin[band]; w < end; w++, bin++)
        energy += weights[w] * power[bin];
      logBands[band] = Math.log(energy + 1);
    }

    const dct = this.#dct;
    const coefficients = this.settings.coefficients;
    for (let c = 0, d = 0; c < coefficients; c++) {
      let sum = 0;
      for (let band = 0; band < bands; band++, d++) sum += dct[d] * logBands[band];
      out[outAt + c] = sum;
    }
  }
}
