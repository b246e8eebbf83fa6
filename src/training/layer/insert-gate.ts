import * as tfl from '@tensorflow/tfjs-layers';
import { WakegateError } from '../../errors.js';
import { gateOf, HighestScore, MeanActivation } from './gate-terms.js';
import { GatedCompression, type GatedCompressionConfig } from './gated-compression.js';
import { copyOf, outputsInside, Rewiring } from './graph.js';
import { StepMask, WithStepMask } from './step-mask.js';

export interface GatedCompressionOptions extends GatedCompressionConfig {
  /** Name of the layer whose output becomes the activations F of the GC layer. */
  readonly after: string;
}

/**
 * A copy of `model`, weights and all, with a GC layer behind one of its layers. To the model's outputs it adds two that
 * training needs, each [batch, 1]: the gate's highest score, `<name>_score`, and the mean compressed activation,
 * `<name>_activation`. `model` itself stays as it is, so that both can be compared.
 *
 * @throws WakegateError WG_LAYER_UNSUITABLE where there is no such layer, or not all that the network makes of its inputs
 *   passes through it, so that it could not be cut there
 *
 * @example
 * const gated = gatedCompression(model, { after: 'pool1', alpha: 1, beta: 0.02 });
 * gated.compile({ optimizer: 'adam', loss: gatedLosses(gated, 'categoricalCrossentropy') });
 * await gated.fit(images, gatedTargets(labels, { negative: 0 }));
 * const { front, back } = splitAtGate(gated);
 */
export function gatedCompression(
  model: tfl.LayersModel,
  { after, ...config }: GatedCompressionOptions,
): tfl.LayersModel {
  const layer = model.layers.find(({ name }) => name === after);
  const [activations, ...others] = layer ? outputsInside(model, layer) : [];
  if (activations === undefined || others.length > 0) {
    const names = model.layers.map(({ name }) => name).join(', ');
    const why = layer === undefined ? 'has no layer' : 'has more than one output from its layer';
    throw new WakegateError(
      'WG_LAYER_UNSUITABLE',
      `model ${model.name} ${why} ${after} to put a gate behind; its layers are ${names}`,
    );
  }
  const rewiring = new Rewiring(copyOf);
  for (const input of model.inputs) rewiring.replace(input, inputLike(input));
  const gate = new GatedCompression({ name: 'gc', ...config });
  const [z, p] = gate.apply(rewiring.of(activations)) as tfl.SymbolicTensor[];
  rewiring.replace(activations, z);
  const outputs = model.outputs.map((output) => rewiring.of(output));
  checkAllThrough(z, outputs, after);
  const score = new HighestScore({ name: `${gate.name}_score` }).apply(p) as tfl.SymbolicTensor;
  const activation = new MeanActivation({ name: `${gate.name}_activation` }).apply(z) as tfl.SymbolicTensor;
  return tfl.model({
    inputs: model.inputs.map((input) => rewiring.of(input)),
    outputs: [...outputs, score, activation],
    name: `${model.name}_gated`,
  });
}

export interface SplitModel {
  /** The model's inputs -> [z, p], and of a model with a mask [z, p, steps]: 1 for each step and 0 for padding. */
  readonly front: tfl.LayersModel;
  /** z, or [z, steps] -> the outputs of the task. */
  readonly back: tfl.LayersModel;
}

/**
 * Cuts a model at its GC layer. The halves share the model's weights, and one after the other they give its numbers.
 *
 * @throws WakegateError WG_LAYER_UNSUITABLE where the model has no GC layer or more than one, or where something goes around it
 */
export function splitAtGate(model: tfl.LayersModel): SplitModel {
  const gate = gateOf(model);
  const [z, p] = outputsInside(model, gate);
  const task = model.outputs.filter(
    ({ sourceLayer }) => !(sourceLayer instanceof HighestScore || sourceLayer instanceof MeanActivation),
  );
  checkAllThrough(z, task, gate.name);
  const rewiring = new Rewiring((layer) => layer);
  const handoff = inputLike(z);
  const front = tfl.model({ inputs: model.inputs, outputs: [z, p], name: `${model.name}_front` });
  if (!front.layers.some(makesMasks)) {
    rewiring.replace(z, handoff);
    const outputs = task.map((output) => rewiring.of(output));
    return { front, back: tfl.model({ inputs: handoff, outputs, name: `${model.name}_back` }) };
  }
  const steps = new StepMask({ name: `${gate.name}_steps` }).apply(z) as tfl.SymbolicTensor;
  const given = inputLike(steps);
  const masked = new WithStepMask({ name: `${gate.name}_masked` }).apply([handoff, given]);
  rewiring.replace(z, masked as tfl.SymbolicTensor);
  const outputs = task.map((output) => rewiring.of(output));
  return {
    front: tfl.model({ inputs: model.inputs, outputs: [z, p, steps], name: front.name }),
    back: tfl.model({ inputs: [handoff, given], outputs, name: `${model.name}_back` }),
  };
}

function inputLike({ shape, dtype, sourceLayer }: tfl.SymbolicTensor): tfl.SymbolicTensor {
  return tfl.input({ batchShape: shape, dtype, name: sourceLayer.name });
}

function makesMasks(layer: tfl.layers.Layer): boolean {
  const { maskZero } = layer.getConfig();
  return layer.getClassName() === 'Masking' || maskZero === true;
}

/** That whatever the outputs are made of comes through z, or the back half would need more than z. */
function checkAllThrough(z: tfl.SymbolicTensor, outputs: readonly tfl.SymbolicTensor[], where: string): void {
  const seen = new Set<tfl.SymbolicTensor>([z]);
  const visit = (tensor: tfl.SymbolicTensor) => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    if (tensor.inputs.length === 0) {
      throw new WakegateError(
        'WG_LAYER_UNSUITABLE',
        `a gate at ${where} does not divide the model: a path from input ${tensor.sourceLayer.name} goes around it; ` +
          'put it where all paths have come together',
      );
    }
    tensor.inputs.forEach(visit);
  };
  outputs.forEach(visit);
}
