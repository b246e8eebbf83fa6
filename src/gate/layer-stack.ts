import type { FrontLayer } from '../model/pack.js';
import { StreamingLayer } from './streaming-layer.js';

/** Layers one after another, fed row by row: the front half, and the gate head on top of it. */
export class LayerStack {
  readonly #layers: readonly StreamingLayer[];
  readonly #relu: readonly boolean[];
  /** For each layer the index of the one whose newest input row is added to its output, or -1. */
  readonly #shortcut: readonly number[];
  /** Multiply-accumulates per input row. */
  readonly macsPerRow: number;
  /** Newest output row of the last layer. */
  readonly output: Float32Array;

  constructor(layers: readonly FrontLayer[]) {
    this.#layers = layers.map((layer) => new StreamingLayer(layer));
    this.#relu = layers.map((layer) => layer.relu);
    this.#shortcut = layers.map(({ shortcutFrom }) =>
      layers.findIndex((layer) => layer.name === shortcutFrom),
    );
    this.output = this.#layers[layers.length - 1].output;
    let rowsPerOutput = 1;
    let macs = 0;
    for (const [i, layer] of this.#layers.entries()) {
      rowsPerOutput *= layers[i].stride;
      macs += layer.macs / rowsPerOutput;
    }
    this.macsPerRow = macs;
  }

  /**
   * Takes one row, which begins at `row[at]`.
   * @returns whether {@link output} is new
   */
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

  /** Becomes as `other`, a stack of the same layers, is now. */
  copyStateFrom(other: LayerStack): void {
    for (const [i, layer] of this.#layers.entries()) layer.copyStateFrom(other.#layers[i]);
  }
}
