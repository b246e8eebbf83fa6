import type { FrontLayer } from '../model/pack.js';

/** Rows that are taken in before the history is moved to the start of its buffer. */
const SLACK_ROWS = 32;

/**
 * One convolution over time, fed row by row. Its last `taps` input rows lie side by side in memory, so that a
 * convolution is one matrix-vector product. Nothing is allocated after construction.
 */
export class StreamingLayer {
  readonly #layer: FrontLayer;
  /** `conv`: transposed to [outputs, taps * inputs]; `depthwise`: [taps, channels] as it is. */
  readonly #kernel: Float32Array;
  readonly #history: Float32Array;
  #rows = 0;
  /** Rows still to come before the next output. */
  #wanted: number;
  /** Newest output row, [outputs]. */
  readonly output: Float32Array;

  constructor(layer: FrontLayer) {
    this.#layer = layer;
    this.#kernel = layer.kind === 'conv' ? transposed(layer) : layer.kernel;
    this.#history = new Float32Array((layer.taps + SLACK_ROWS) * layer.inputs);
    this.#wanted = layer.taps;
    this.output = new Float32Array(layer.outputs);
  }

  /** Multiply-accumulates of one output row. */
  get macs(): number {
    const { kind, taps, inputs, outputs } = this.#layer;
    return kind === 'conv' ? taps * inputs * outputs : taps * inputs;
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

  /** Four outputs at a time, so that each input is loaded once for four products. */
  #convolve(from: number, length: number): void {
    const kernel = this.#kernel;
    const history = this.#history;
    const output = this.output;
    const bias = this.#layer.bias;
    const outputs = output.length;
    const inFours = outputs & ~3;
    let o = 0;
    for (; o < inFours; o += 4) {
      let k0 = o * length;
      let k1 = k0 + length;
      let k2 = k1 + length;
      let k3 = k2 + length;
      let sum0 = bias[o];
      let sum1 = bias[o + 1];
      let sum2 = bias[o + 2];
      let sum3 = bias[o + 3];
      for (let i = 0; i < length; i++) {
        const x = history[from + i];
        sum0 += x * kernel[k0++];
        sum1 += x * kernel[k1++];
        sum2 += x * kernel[k2++];
        sum3 += x * kernel[k3++];
      }
      output[o] = sum0;
      output[o + 1] = sum1;
      output[o + 2] = sum2;
      output[o + 3] = sum3;
    }
    for (; o < outputs; o++) {
      let sum = bias[o];
      for (let i = 0, k = o * length; i < length; i++) sum += history[from + i] * kernel[k++];
      output[o] = sum;
    }
  }

  #convolveDepthwise(from: number): void {
    const kernel = this.#kernel;
    const history = this.#history;
    const output = this.output;
    const bias = this.#layer.bias;
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

/** [taps * inputs, outputs] -> [outputs, taps * inputs] */
function transposed({ kernel, outputs }: FrontLayer): Float32Array {
  const rows = kernel.length / outputs;
  const out = new Float32Array(kernel.length);
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < outputs; o++) out[o * rows + row] = kernel[row * outputs + o];
  }
  return out;
}
