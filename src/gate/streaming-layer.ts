import type { FrontLayer } from '../model/pack.js';
import { grouped, paddedOutputs } from './layer-weights.js';

/** Rows that are taken in before the history is moved to the start of its buffer. */
const SLACK_ROWS = 8;

/**
 * Weights as they are worked with, one copy for all streams: with a copy each, the weights of many streams would push
 * each other out of the processor's cache, and a stream would cost the more the more there are.
 */
const weightsOf = new WeakMap<FrontLayer, Weights>();

interface Weights {
  /** `conv`: as `grouped` lays it out; `depthwise`: [taps, channels] as it is. */
  readonly kernel: Float32Array;
  /** [outputs], filled up with zeros to as many as are worked on. */
  readonly bias: Float32Array;
}

/**
 * One convolution over time, fed row by row. Its last `taps` input rows lie side by side in memory, so that a
 * convolution is one matrix-vector product. Nothing is allocated after construction.
 */
export class StreamingLayer {
  readonly #layer: FrontLayer;
  readonly #kernel: Float32Array;
  readonly #bias: Float32Array;
  /** What {@link output} shows the beginning of. */
  readonly #padded: Float32Array;
  readonly #history: Float32Array;
  #rows = 0;
  /** Rows still to come before the next output. */
  #wanted: number;
  /** Newest output row, [outputs]. */
  readonly output: Float32Array;

  constructor(layer: FrontLayer) {
    this.#layer = layer;
    const { kernel, bias } = sharedWeights(layer);
    this.#kernel = kernel;
    this.#bias = bias;
    this.#padded = new Float32Array(bias.length);
    this.#history = new Float32Array((layer.taps + SLACK_ROWS) * layer.inputs);
    this.#wanted = layer.taps;
    this.output = this.#padded.subarray(0, layer.outputs);
  }

  /** The newest input row begins here in {@link history}. */
  get newestRow(): number {
    return (this.#rows - 1) * this.#layer.inputs;
  }

  get history(): Float32Array {
    return this.#history;
  }

  /**
   * Takes one input row, which begins at `row[at]`.
   * @returns whether there is a new output row, still without shortcut and ReLU
   */
  push(row: Float32Array, at: number): boolean {
    const { taps, inputs, stride, kind } = this.#layer;
    const history = this.#history;
    if (this.#rows === taps + SLACK_ROWS) {
      history.copyWithin(0, (SLACK_ROWS + 1) * inputs);
      this.#rows = taps - 1;
    }
    const place = this.#rows * inputs;
    for (let i = 0; i < inputs; i++) history[place + i] = row[at + i];
    this.#rows++;
    if (--this.#wanted > 0) return false;
    this.#wanted = stride;
    const oldest = (this.#rows - taps) * inputs;
    if (kind === 'conv') this.#convolve(oldest, taps * inputs);
    else this.#convolveDepthwise(oldest);
    return true;
  }

  /**
   * Eight outputs at a time, so that each input is loaded once for eight products, whose weights lie side by side:
   * half the time of four at a time from separate rows (V8 keeps the eight sums in registers).
   */
  #convolve(from: number, length: number): void {
    const kernel = this.#kernel;
    const history = this.#history;
    const output = this.#padded;
    const bias = this.#bias;
    const end = from + length;
    let k = 0;
    let o = 0;
    for (; o + 8 <= output.length; o += 8) {
      let sum0 = bias[o];
      let sum1 = bias[o + 1];
      let sum2 = bias[o + 2];
      let sum3 = bias[o + 3];
      let sum4 = bias[o + 4];
      let sum5 = bias[o + 5];
      let sum6 = bias[o + 6];
      let sum7 = bias[o + 7];
      for (let i = from; i < end; i++, k += 8) {
        const x = history[i];
        sum0 += x * kernel[k];
        sum1 += x * kernel[k + 1];
        sum2 += x * kernel[k + 2];
        sum3 += x * kernel[k + 3];
        sum4 += x * kernel[k + 4];
        sum5 += x * kernel[k + 5];
        sum6 += x * kernel[k + 6];
        sum7 += x * kernel[k + 7];
      }
      output[o] = sum0;
      output[o + 1] = sum1;
      output[o + 2] = sum2;
      output[o + 3] = sum3;
      output[o + 4] = sum4;
      output[o + 5] = sum5;
      output[o + 6] = sum6;
      output[o + 7] = sum7;
    }
    if (o === output.length) return;
    let sum0 = bias[o];
    let sum1 = bias[o + 1];
    let sum2 = bias[o + 2];
    let sum3 = bias[o + 3];
    for (let i = from; i < end; i++, k += 4) {
      const x = history[i];
      sum0 += x * kernel[k];
      sum1 += x * kernel[k + 1];
      sum2 += x * kernel[k + 2];
      sum3 += x * kernel[k + 3];
    }
    output[o] = sum0;
    output[o + 1] = sum1;
    output[o + 2] = sum2;
    output[o + 3] = sum3;
  }

  #convolveDepthwise(from: number): void {
    const kernel = this.#kernel;
    const history = this.#history;
    const output = this.output;
    const bias = this.#bias;
    const channels = output.length;
    const size = kernel.length;
    for (let c = 0; c < channels; c++) {
      let sum = bias[c];
      for (let k = c; k < size; k += channels) sum += history[from + k] * kernel[k];
      output[c] = sum;
    }
  }

  /** Becomes as `other`, a layer of the same shape, is now. */
  copyStateFrom(other: StreamingLayer): void {
    this.#history.set(other.#history);
    this.#rows = other.#rows;
    this.#wanted = other.#wanted;
    this.output.set(other.output);
  }
}

function sharedWeights(layer: FrontLayer): Weights {
  const known = weightsOf.get(layer);
  if (known) return known;
  const bias = new Float32Array(paddedOutputs(layer.outputs));
  bias.set(layer.bias);
  const weights = { kernel: layer.kind === 'conv' ? grouped(layer, [8, 4]) : layer.kernel, bias };
  weightsOf.set(layer, weights);
  return weights;
}
