import type { FrontLayer } from '../model/pack.js';
import { StreamingLayer } from './streaming-layer.js';

/** Layers one after another, fed row by row: the front half, and the gate head on top of it. */
export interface Stack {
  /** Multiply-accumulates per input row. */
  readonly macsPerRow: number;
  /** Newest output row of the last layer. */
  readonly output: Float32Array;
  /**
   * Takes one row, which begins at `row[at]`.
   * @returns whether {@link output} is new
   */
  push(row: Float32Array, at: number): boolean;
  /** Becomes as `other`, a stack of the same layers and the same kind, is now. */
  copyStateFrom(other: this): void;
}

/** A stack in plain typed arrays. */
export class LayerStack implements Stack {
  readonly #layers: readonly StreamingLayer[];
  readonly #relu: readonly boolean[];
  /** For each layer the index of the one whose newest input row is added to its output, or -1. */
  readonly #shortcut: readonly number[];
  readonly macsPerRow: number;
  readonly output: Float32Array;

  constructor(layers: readonly FrontLayer[]) {
    this.#layers = layers.map((layer) => new StreamingLayer(layer));
    this.#relu = layers.map((layer) => layer.relu);
    this.#shortcut = shortcutsOf(layers);
    this.output = this.#layers[layers.length - 1].output;
    this.macsPerRow = macsPerRow(layers);
  }

  push(row: Float32Array, at: number): boolean {
    const layers = this.#layers;
    let input = row;
    let from = at;
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i];
      if (!layer.push(input, from)) return false;
      const output = layer.output;
      const shortcut = this.#shortcut[i];
      if (shortcut >= 0) {
        const { history, newestRow } = layers[shortcut];
        for (let c = 0; c < output.length; c++) output[c] += history[newestRow + c];
      }
      if (this.#relu[i]) {
        for (let c = 0; c < output.length; c++) if (output[c] < 0) output[c] = 0;
      }
      input = output;
      from = 0;
    }
    return true;
  }

  copyStateFrom(other: this): void {
    for (const [i, layer] of this.#layers.entries()) layer.copyStateFrom(other.#layers[i]);
  }
}

/** For each layer the index of the one whose newest input row is added to its output, or -1. */
export function shortcutsOf(layers: readonly FrontLayer[]): number[] {
  return layers.map(({ shortcutFrom }) => layers.findIndex(({ name }) => name === shortcutFrom));
}

/** Multiply-accumulates per input row. */
export function macsPerRow(layers: readonly FrontLayer[]): number {
  let rowsPerOutput = 1;
  let macs = 0;
  for (const { kind, taps, stride, inputs, outputs } of layers) {
    rowsPerOutput *= stride;
    macs += (taps * inputs * (kind === 'conv' ? outputs : 1)) / rowsPerOutput;
  }
  return macs;
}
