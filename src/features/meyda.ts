import { createRequire } from 'node:module';
import { WakegateError } from '../errors.js';
import type { FeatureSettings } from '../model/pack.js';
import type { Extractor } from './extractor.js';

/** What is used here of Meyda. Its own types are not: whoever has not installed it compiles against ours. */
interface Meyda {
  sampleRate: number;
  bufferSize: number;
  melBands: number;
  numberOfMFCCCoefficients: number;
  windowingFunction: string;
  extract(feature: 'mfcc', frame: Float32Array): number[];
}

const require = createRequire(import.meta.url);

/**
 * MFCCs by the package Meyda, an optional peer dependency that is loaded when the first of these is made. Each frame costs
 * several times what {@link Mfcc} takes, and some 20 kB of garbage.
 */
export class MeydaMfcc implements Extractor {
  readonly macs: number;
  readonly #meyda: Meyda;
  readonly #frame: Float32Array;

  /** @throws WakegateError WG_BACKEND_UNAVAILABLE where Meyda cannot be loaded */
  constructor({ sampleRate, windowSamples, melBands, coefficients }: FeatureSettings) {
    // Meyda keeps its settings, and the tables made by them, on the one object that it exports.
    this.#meyda = Object.assign({}, loadMeyda(), {
      sampleRate,
      bufferSize: windowSamples,
      melBands,
      numberOfMFCCCoefficients: coefficients,
      windowingFunction: 'hanning',
    });
    this.#frame = new Float32Array(windowSamples);
    // Window, complex FFT of radix 2, magnitudes and their squares, a filter bank with all its zeros, a whole DCT.
    const bins = windowSamples / 2;
    this.macs =
      windowSamples + 4 * bins * Math.log2(windowSamples) + 3 * bins + melBands * bins + melBands * melBands;
  }

  compute(samples: Int16Array, at: number, out: Float32Array, outAt: number): void {
    const frame = this.#frame;
    for (let i = 0; i < frame.length; i++) frame[i] = samples[at + i];
    const coefficients = this.#meyda.extract('mfcc', frame);
    for (let c = 0; c < coefficients.length; c++) out[outAt + c] = coefficients[c];
  }
}

/** Version of Meyda as it is installed here; null where it is not. */
export function meydaVersion(): string | null {
  try {
    return (require('meyda/package.json') as { version: string }).version;
  } catch {
    return null;
  }
}

function loadMeyda(): Meyda {
  try {
    // CommonJS, with a default export inside from some of its builds.
    const loaded = require('meyda') as Meyda & { default?: Meyda };
    return loaded.default ?? loaded;
  } catch (error) {
    const [reason] = (error as Error).message.split('\n', 1);
    throw new WakegateError(
      'WG_BACKEND_UNAVAILABLE',
      `mfcc meyda cannot be used (${reason}); install it with "npm install meyda", or choose mfcc fast`,
    );
  }
}
