import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';

type Layer = Layers.layers.Layer;

/**
 * The back half as an always-on classifier would run it: each layer keeps the rows that it still needs, and computes only
 * what is new. It gives the posteriors of the whole window at a fraction of its multiplications, for as many layer calls.
 */
export class IncrementalBack {
  readonly #tf: typeof TensorFlow;
  readonly #layers: readonly Layer[];
  readonly #held = new Map<string, TensorFlow.Tensor4D>();

  constructor(tf: typeof TensorFlow, model: Layers.LayersModel) {
    this.#tf = tf;
    this.#layers = model.layers;
  }

  /**
   * @param rows the newest compressed activations, [1, steps, 1, channels]
   * @returns posteriors of the newest positions, [1, positions, keywords + 1]; before every layer has its rows, null
   */
  push(rows: TensorFlow.Tensor4D): TensorFlow.Tensor | null {
    return this.#tf.tidy(() => this.#run(rows) as TensorFlow.Tensor);
  }

  #run(rows: TensorFlow.Tensor4D): TensorFlow.Tensor | null {
    const tf = this.#tf;
    const outputs = new Map<string, TensorFlow.Tensor>();
    for (const layer of this.#layers) {
      const from = layer.inboundNodes[0].inboundLayers.map(({ name }) => outputs.get(name)!);
      const taps = tapsOf(layer);
      let output: TensorFlow.Tensor;
      if (from.length === 0) output = rows;
      // Cropping keeps the newest rows of a window; here there are no others.
      else if (layer.getClassName() === 'Cropping2D') output = from[0];
      // To [positions, keywords + 1], of which there is one less at the start.
      else if (layer.getClassName() === 'Reshape') output = tf.squeeze(from[0], [2]);
      else if (taps === null) output = layer.apply(from.length === 1 ? from[0] : from) as TensorFlow.Tensor;
      else {
        const input = this.#withHeld(layer, from[0] as TensorFlow.Tensor4D, taps);
        if (input === null) return null;
        output = layer.apply(input) as TensorFlow.Tensor;
      }
      outputs.set(layer.name, output);
    }
    return outputs.get(this.#layers[this.#layers.length - 1].name)!;
  }

  /** What the layer held and what is new; null where that does not yet make one output row. */
  #withHeld(layer: Layer, rows: TensorFlow.Tensor4D, { taps, stride }: Taps): TensorFlow.Tensor4D | null {
    const tf = this.#tf;
    const held = this.#held.get(layer.name);
    const input = held ? tf.concat4d([held, rows], 1) : rows;
    held?.dispose();
    const outputs = Math.floor((input.shape[1] - taps) / stride) + 1;
    const kept = outputs > 0 ? input.shape[1] - outputs * stride : input.shape[1];
    if (kept > 0) {
      const [n, length, one, channels] = input.shape;
      this.#held.set(
        layer.name,
        tf.keep(tf.slice4d(input, [0, length - kept, 0, 0], [n, kept, one, channels])),
      );
    } else {
      this.#held.delete(layer.name);
    }
    return outputs > 0 ? input : null;
  }
}

interface Taps {
  readonly taps: number;
  readonly stride: number;
}

/** Of a convolution over more than one row; null of any other layer. */
function tapsOf(layer: Layer): Taps | null {
  const { kernelSize, strides } = layer.getConfig() as { kernelSize?: number[]; strides?: number[] };
  if (kernelSize === undefined || (kernelSize[0] === 1 && strides![0] === 1)) return null;
  return { taps: kernelSize[0], stride: strides![0] };
}
