import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { WakegateError } from '../errors.js';
import { EMBEDDING_LAYER } from '../model/embedding-layer.js';
import type { OwnHead } from '../model/own-keyword-types.js';

/**
 * The heads of the user's own keywords, on the embeddings that the back half makes anyway. Those of all keywords are two matrix products
 * together, so that ten cost little more than one.
 */
export class OwnHeads {
  /** The back half with two outputs: posteriors and embeddings. */
  readonly model: Layers.LayersModel;
  readonly #tf: typeof TensorFlow;
  readonly #positions: number;
  readonly #embeddings: number;
  readonly #inputs: number;
  readonly #keywords: number;
  readonly #w1: TensorFlow.Tensor2D;
  readonly #b1: TensorFlow.Tensor1D;
  readonly #w2: TensorFlow.Tensor2D;
  readonly #b2: TensorFlow.Tensor1D;

  private constructor(
    tf: typeof TensorFlow,
    model: Layers.LayersModel,
    heads: readonly OwnHead[],
    positions: number,
  ) {
    const { embeddings, size } = heads[0];
    this.model = model;
    this.#tf = tf;
    this.#positions = positions;
    this.#embeddings = embeddings;
    this.#inputs = embeddings * size;
    this.#keywords = heads.length;
    const width = heads.reduce((sum, { hidden }) => sum + hidden, 0);
    const w1 = new Float32Array(this.#inputs * width);
    const w2 = new Float32Array(width * heads.length);
    let first = 0;
    for (const [k, head] of heads.entries()) {
      for (let i = 0; i < this.#inputs; i++) {
        w1.set(head.w1.subarray(i * head.hidden, (i + 1) * head.hidden), i * width + first);
      }
      for (let h = 0; h < head.hidden; h++) w2[(first + h) * heads.length + k] = head.w2[h];
      first += head.hidden;
    }
    this.#w1 = tf.tensor2d(w1, [this.#inputs, width]);
    this.#b1 = tf.tensor1d(Float32Array.from(heads.flatMap(({ b1 }) => [...b1])));
    this.#w2 = tf.tensor2d(w2, [width, heads.length]);
    this.#b2 = tf.tensor1d(heads.map(({ b2 }) => b2));
  }

  /** @throws WakegateError WG_MODEL_INVALID for a back half without embeddings, or with others than the heads hear */
  static on(
    tf: typeof TensorFlow,
    layers: typeof Layers,
    back: Layers.LayersModel,
    heads: readonly OwnHead[],
    positions: number,
  ): OwnHeads {
    const layer = back.layers.find(({ name }) => name === EMBEDDING_LAYER);
    const output = layer?.output as Layers.SymbolicTensor | undefined;
    const [, count, , size] = output?.shape ?? [];
    for (const head of heads) {
      const isSame = head.embeddings === heads[0].embeddings && head.size === size;
      if (output && isSame && count! >= head.embeddings + positions - 1) continue;
      throw new WakegateError(
        'WG_MODEL_INVALID',
        `back.json gives no ${head.embeddings + positions - 1} embeddings of ${head.size} numbers, which an own keyword ` +
          'hears: add the keyword again for this pack',
      );
    }
    const model = layers.model({ inputs: back.inputs, outputs: [...back.outputs, output!] });
    return new OwnHeads(tf, model, heads, positions);
  }

  /** Posteriors of the pack, [n, positions, classes], with those of the own keywords behind them. */
  join([posteriors, embeddings]: readonly TensorFlow.Tensor[]): TensorFlow.Tensor {
    const tf = this.#tf;
    const [n, count, , size] = embeddings.shape;
    const first = count! - this.#embeddings - this.#positions + 1;
    const rows = tf.reshape(embeddings, [n, count!, size!]) as TensorFlow.Tensor3D;
    const windows = Array.from({ length: this.#positions }, (_, position) =>
      tf.reshape(tf.slice(rows, [0, first + position, 0], [n, this.#embeddings, size!]), [
        n,
        1,
        this.#inputs,
      ]),
    );
    const x = tf.reshape(tf.concat(windows, 1), [n * this.#positions, this.#inputs]) as TensorFlow.Tensor2D;
    const hidden = tf.relu(tf.add(tf.matMul(x, this.#w1), this.#b1)) as TensorFlow.Tensor2D;
    const own = tf.sigmoid(tf.add(tf.matMul(hidden, this.#w2), this.#b2));
    return tf.concat([posteriors, tf.reshape(own, [n, this.#positions, this.#keywords])], 2);
  }
}
