import type { FeatureSettings } from '../model/pack.js';
import { INPUT, type Kernels, OUTPUT, type Tenant, WORK } from '../simd/index.js';
import { dctWeight } from './dct.js';
import type { Extractor } from './extractor.js';
import { twiddles } from './fft.js';
import { hannWindow } from './hann-window.js';
import { melBank } from './mel.js';
import { Mfcc } from './mfcc.js';

/** Largest window and most bands that the kernels' memory has room to work on. */
const MOST_SAMPLES = 4096;
const MOST_BANDS = 1024;
/** Bytes of what comes before the tables: see assembly/mfcc.ts. */
const HEADER = 48;

/**
 * What {@link Mfcc} computes, by WebAssembly with SIMD, in double precision too: its numbers differ by less than single precision can hold.
 * Nothing is allocated per frame.
 */
export class SimdMfcc implements Extractor, Tenant {
  readonly macs: number;
  readonly #kernels: Kernels;
  readonly #windowSamples: number;
  readonly #coefficients: number;
  readonly #table: Uint8Array;
  #at = 0;
  #generation = -1;

  /** Whether it can be used with such settings: a window of 32 to 4096 samples, a power of two. */
  static takes({ windowSamples, melBands, coefficients }: FeatureSettings): boolean {
    const isPowerOfTwo = (windowSamples & (windowSamples - 1)) === 0;
    return (
      windowSamples >= 32 &&
      windowSamples <= MOST_SAMPLES &&
      isPowerOfTwo &&
      melBands <= MOST_BANDS &&
      coefficients <= MOST_BANDS
    );
  }

  constructor(settings: FeatureSettings, kernels: Kernels) {
    this.macs = new Mfcc(settings).macs;
    this.#kernels = kernels;
    this.#windowSamples = settings.windowSamples;
    this.#coefficients = settings.coefficients;
    this.#table = tableOf(settings);
  }

  compute(samples: Int16Array, at: number, out: Float32Array, outAt: number): void {
    const kernels = this.#kernels;
    if (this.#generation !== kernels.generation) this.#enter();
    const { int16, float64 } = kernels;
    const count = this.#windowSamples;
    // A whole array needs no loop.
    if (at === 0 && samples.length === count) int16.set(samples, INPUT / 2);
    else for (let i = 0; i < count; i++) int16[INPUT / 2 + i] = samples[at + i];
    kernels.mfcc(this.#at, INPUT, WORK, OUTPUT);
    const coefficients = this.#coefficients;
    for (let c = 0; c < coefficients; c++) out[outAt + c] = float64[OUTPUT / 8 + c];
  }

  #enter(): void {
    this.#at = this.#kernels.place(this, this.#table.length);
    this.#generation = this.#kernels.generation;
    this.#kernels.bytes.set(this.#table, this.#at);
  }

  /** The tables do not change. */
  leave(): void {}
}

/** The tables as assembly/mfcc.ts reads them. */
export function tableOf(settings: FeatureSettings): Uint8Array {
  const { windowSamples, melBands, coefficients, sampleRate } = settings;
  const half = windowSamples / 2;
  const groups = Math.ceil(coefficients / 4);
  const { rows, weights } = melRows(melBank(melBands, windowSamples, sampleRate));
  const tables = [
    splitWindow(windowSamples),
    passTwiddles(half),
    splitTwiddles(windowSamples),
    rows,
    weights,
    dctTable(melBands, groups),
  ];
  const offsets: number[] = [];
  let end = HEADER;
  for (const { byteLength } of tables) {
    offsets.push(end);
    end += Math.ceil(byteLength / 16) * 16;
  }
  const bytes = new Uint8Array(end);
  new Uint32Array(bytes.buffer).set([half, melBands, groups, ...offsets]);
  for (const [i, { buffer }] of tables.entries()) bytes.set(new Uint8Array(buffer), offsets[i]);
  return bytes;
}

/** For each eight samples the factors of the even ones, then those of the odd ones. */
function splitWindow(windowSamples: number): Float64Array<ArrayBuffer> {
  const window = hannWindow(windowSamples);
  return Float64Array.from(window, (_, i) => {
    const place = i % 8;
    return window[i - place + (place < 4 ? 2 * place : 2 * (place - 4) + 1)];
  });
}

/**
 * For each pass of radix 4 over n points, and each p < n / 4: cos and -sin of 2 pi k p / n for k = 1, 2, 3. In the first pass, of two
 * neighbouring p side by side. The last pass needs none.
 */
function passTwiddles(half: number): Float64Array<ArrayBuffer> {
  const all: number[] = [];
  for (let n = half; n > 4; n /= 4) {
    const [cos, sin] = twiddles(n, n);
    const together = n === half ? 2 : 1;
    for (let p = 0; p < n / 4; p += together) {
      for (let k = 1; k <= 3; k++) {
        for (const table of [cos, sin]) for (let i = 0; i < together; i++) all.push(table[k * (p + i)]);
      }
    }
  }
  return Float64Array.from(all);
}

/** cos and -sin of 2 pi k / size for two neighbouring k, from 1 to a quarter of the size. */
function splitTwiddles(size: number): Float64Array<ArrayBuffer> {
  const [cos, sin] = twiddles(size, size / 4 + 1);
  const all: number[] = [];
  for (let k = 1; k <= size / 4; k += 2) all.push(cos[k], cos[k + 1], sin[k], sin[k + 1]);
  return Float64Array.from(all);
}

/** For each band the byte offset of its first bin, and the bytes of its weights, which zeros fill up to a multiple of four. */
function melRows({ firstBin, rowStart, weights }: ReturnType<typeof melBank>): {
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly weights: Float64Array<ArrayBuffer>;
} {
  const rows: number[] = [];
  const padded: number[] = [];
  for (const [band, bin] of firstBin.entries()) {
    const row = [...weights.subarray(rowStart[band], rowStart[band + 1])];
    while (row.length % 4 !== 0) row.push(0);
    rows.push(8 * bin, 8 * row.length);
    padded.push(...row);
  }
  return { rows: Uint32Array.from(rows), weights: Float64Array.from(padded) };
}

/** For each four coefficients [bands, 4]; zeros for one more band where they are odd in number. */
function dctTable(bands: number, groups: number): Float64Array<ArrayBuffer> {
  const even = Math.ceil(bands / 2) * 2;
  const table = new Float64Array(groups * even * 4);
  for (let i = 0; i < table.length; i++) {
    const band = Math.floor(i / 4) % even;
    const coefficient = 4 * Math.floor(i / (4 * even)) + (i % 4);
    if (band < bands) table[i] = dctWeight(bands, band, coefficient);
  }
  return table;
}
