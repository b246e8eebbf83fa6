import { INPUT, type Kernels, OUTPUT, type Tenant, WORK } from '../simd/index.js';
import type { LogMelSettings } from './log-mel.js';
import { SimdMfcc, tableOf } from './simd-mfcc.js';

/** What {@link LogMel} computes, by the kernels of the MFCCs without their DCT, in double precision too. */
export class SimdLogMel implements Tenant {
  readonly #settings: LogMelSettings;
  readonly #kernels: Kernels;
  readonly #table: Uint8Array;
  #at = 0;
  #generation = -1;

  static takes(settings: LogMelSettings): boolean {
    return SimdMfcc.takes(asMfcc(settings));
  }

  constructor(settings: LogMelSettings, kernels: Kernels) {
    this.#settings = settings;
    this.#kernels = kernels;
    this.#table = tableOf(asMfcc(settings));
  }

  /** @returns [frames, bands] */
  frames(samples: Int16Array): Float32Array<ArrayBuffer> {
    const { hopSamples, windowSamples, bands } = this.#settings;
    const kernels = this.#kernels;
    const count = Math.max(0, Math.floor((samples.length - windowSamples) / hopSamples) + 1);
    const out = new Float32Array(count * bands);
    if (this.#generation !== kernels.generation) this.#enter();
    // Behind the room that the spectrum takes: see assembly/mfcc.ts.
    const levels = (WORK + 16 * windowSamples + 64) / 8;
    for (let frame = 0; frame < count; frame++) {
      const begin = frame * hopSamples;
      kernels.int16.set(samples.subarray(begin, begin + windowSamples), INPUT / 2);
      kernels.mfcc(this.#at, INPUT, WORK, OUTPUT);
      for (let band = 0; band < bands; band++) out[frame * bands + band] = kernels.float64[levels + band];
    }
    return out;
  }

  #enter(): void {
    this.#at = this.#kernels.place(this, this.#table.length);
    this.#generation = this.#kernels.generation;
    this.#kernels.bytes.set(this.#table, this.#at);
  }

  /** The tables do not change. */
  leave(): void {}
}

/** Of no coefficients, so that there is no DCT. */
function asMfcc({ sampleRate, windowSamples, hopSamples, bands }: LogMelSettings) {
  return { sampleRate, windowSamples, hopSamples, melBands: bands, coefficients: 0 };
}
