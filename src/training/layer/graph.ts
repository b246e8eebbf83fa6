import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

/** What is used here of the graph that TensorFlow.js keeps, beyond its declared types. */
interface LayerNode {
  readonly inputTensors: tfl.SymbolicTensor[];
  readonly outputTensors: tfl.SymbolicTensor[];
  readonly callArgs?: Record<string, unknown>;
}

/** A network of layers, built once more with some of its tensors replaced. */
export class Rewiring {
  readonly #layerFor: (layer: tfl.layers.Layer) => tfl.layers.Layer;
  readonly #layers = new Map<tfl.layers.Layer, tfl.layers.Layer>();
  readonly #tensors = new Map<tfl.SymbolicTensor, tfl.SymbolicTensor>();

  /** @param layerFor the layer that stands in for another: asked once for each */
  constructor(layerFor: (layer: tfl.layers.Layer) => tfl.layers.Layer) {
    this.#layerFor = layerFor;
  }

  /** From here on, what is built upon `tensor` is built upon `by`. */
  replace(tensor: tfl.SymbolicTensor, by: tfl.SymbolicTensor): void {
    this.#tensors.set(tensor, by);
  }

  /** The tensor in the new network that stands for this one of the old. */
  of(tensor: tfl.SymbolicTensor): tfl.SymbolicTensor {
    const known = this.#tensors.get(tensor);
    if (known) return known;
    const node = nodeOf(tensor);
    const inputs = node.inputTensors.map((input) => this.of(input));
    const layer = this.#layer(tensor.sourceLayer);
    const made = layer.apply(inputs.length === 1 ? inputs[0] : inputs, node.callArgs ?? {});
    const outputs = (Array.isArray(made) ? made : [made]) as tfl.SymbolicTensor[];
    node.outputTensors.forEach((output, i) => {
      this.#tensors.set(output, outputs[i]);
    });
    copyWeights(tensor.sourceLayer, layer);
    return this.#tensors.get(tensor)!;
  }

  #layer(layer: tfl.layers.Layer): tfl.layers.Layer {
    let stand = this.#layers.get(layer);
    if (!stand) {
      stand = this.#layerFor(layer);
      this.#layers.set(layer, stand);
    }
    return stand;
  }
}

/** What a layer gives inside of a model, which may be one of several places where the layer is used. */
export function outputsInside(model: tfl.LayersModel, layer: tfl.layers.Layer): tfl.SymbolicTensor[] {
  const found = new Set<LayerNode>();
  const seen = new Set<tfl.SymbolicTensor>();
  const visit = (tensor: tfl.SymbolicTensor) => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    const node = nodeOf(tensor);
    if (tensor.sourceLayer === layer) found.add(node);
    node.inputTensors.forEach(visit);
  };
  model.outputs.forEach(visit);
  return [...found].flatMap(({ outputTensors }) => outputTensors);
}

/** A layer of the same configuration, without weights yet. */
export function copyOf(layer: tfl.layers.Layer): tfl.layers.Layer {
  const made = layer.constructor as tf.serialization.SerializableConstructor<tfl.layers.Layer>;
  const copy = made.fromConfig(made, layer.getConfig());
  copy.trainable = layer.trainable;
  return copy;
}

function copyWeights(from: tfl.layers.Layer, to: tfl.layers.Layer): void {
  if (from !== to && from.weights.length > 0) tf.tidy(() => to.setWeights(from.getWeights()));
}

function nodeOf({ sourceLayer, id }: tfl.SymbolicTensor): LayerNode {
  const nodes = (sourceLayer as unknown as { inboundNodes: LayerNode[] }).inboundNodes;
  return nodes.find(({ outputTensors }) => outputTensors.some((output) => output.id === id))!;
}
