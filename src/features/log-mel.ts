import { RealFft } from './fft.js';
import { type MelBank, melBank, melLevels } from './mel.js';

export interface LogMelSettings {
  readonly sampleRate: number;
  readonly windowSamples: number;
  readonly hopSamples: number;
  readonly bands: number;
}

/**
 * Log-mel levels of a stretch of sound: Hann window, power spectrum, mel triangles, log(1 + x), as the MFCCs have them before their DCT.
 * Samples keep the scale of int16.
 */
export class LogMel {
  readonly settings: LogMelSettings;
  readonly #fft: RealFft;
  readonly #window: Float64Array;
  readonly #power: Float64Array;
  readonly #bank: MelBank;
  readonly #levels: Float64Array;

  /** @param warp moves the bands' corners to `warp` times their frequency, as another vocal tract length would (Jaitly and Hinton 2013) */
  constructor(settings: LogMelSettings, warp = 1) {
    const { windowSamples, bands, sampleRate } = settings;
    this.settings = settings;
    this.#fft = new RealFft(windowSamples);
    this.#window = Float64Array.from(
      { length: windowSamples },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (windowSamples - 1)),
    );
    this.#power = new Float64Array(windowSamples / 2);
    this.#bank = melBank(bands, windowSamples, sampleRate, warp);
    this.#levels = new Float64Array(bands);
  }

  /** Multiplications for one frame: window, FFT, power, mel bank. */
  get macsPerFrame(): number {
    return this.settings.windowSamples + this.#fft.multiplications + this.#bank.weights.length;
  }

  /** Frames in so many samples: frame n begins with sample n * hop. */
  framesIn(samples: number): number {
    const { windowSamples, hopSamples } = this.settings;
    return Math.max(0, Math.floor((samples - windowSamples) / hopSamples) + 1);
  }

  /** @returns [frames, bands] */
  frames(samples: Int16Array): Float32Array<ArrayBuffer> {
    const { hopSamples, bands } = this.settings;
    const count = this.framesIn(samples.length);
    const out = new Float32Array(count * bands);
    for (let frame = 0; frame < count; frame++) {
      this.#fft.load(samples, frame * hopSamples, this.#window);
      this.#fft.powerSpectrum(this.#power);
      melLevels(this.#bank, this.#power, this.#levels);
      out.set(this.#levels, frame * bands);
    }
    return out;
  }
}
