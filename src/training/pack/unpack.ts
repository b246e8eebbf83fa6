import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { WakegateError } from '../../errors.js';
import { readFrontTensors, readPack } from '../../model/index.js';
import { BatchNorm, EPSILON } from '../network/batch-norm.js';
import { KeywordNetwork } from '../network/keyword-network.js';
import type { NetworkShape } from '../network/network.js';
import { SecondKeywordNetwork } from '../network/second-keyword-network.js';
import type { SecondShape } from '../network/second-network.js';
import type { Weight, WeightMap } from '../network/weights.js';

/**
 * The network that a pack was exported from, to train on from it. The front half and the gate are in the pack as trained. In the back
 * half, batch normalization is part of the convolutions: here it is again on its own, and changes nothing, until
 * {@link spreadNormalization} has given it statistics.
 *
 * @throws WakegateError WG_MODEL_INVALID where the pack is at fault, WG_DATA_INVALID where it has another shape
 */
export async function unpackNetwork(directory: string, shape: NetworkShape): Promise<KeywordNetwork> {
  const pack = await readPack(directory);
  const front = await readFrontTensors(directory);
  const back = backWeights(pack.back.weights, pack.back.weightSpecs);
  const { values: variance } = front.get('input/variance')!;
  const network = new KeywordNetwork(
    shape,
    pack.keywords.map(({ name }) => name),
    { mean: front.get('input/mean')!.values, deviation: variance.map(Math.sqrt) },
  );
  const weights: WeightMap = new Map();
  for (const [name, { shape: expected }] of network.weights()) {
    const values =
      front.get(name.replace('_norm/', '/').replace('depthwise_kernel', 'kernel'))?.values ??
      back.get(name) ??
      identity(name, expected[0], back);
    weights.set(name, checked(directory, name, expected, values));
  }
  network.setWeights(weights);
  return network;
}

/**
 * The network of a pack's second look, to train on from it; its normalization as {@link unpackNetwork} leaves that of the back half.
 *
 * @param embeddings of the windows that it is to hear
 * @throws WakegateError WG_MODEL_INVALID where the pack is at fault, WG_DATA_INVALID where it has no second look, or one of another shape
 */
export async function unpackSecond(
  directory: string,
  shape: SecondShape,
  embeddings: number,
): Promise<SecondKeywordNetwork> {
  const { secondLook, keywords } = await readPack(directory);
  if (!secondLook) {
    throw new WakegateError('WG_DATA_INVALID', `${directory}: has no second look to go on from`);
  }
  const { mean, deviation, weightsFile, weightSpecs } = secondLook;
  const known = backWeights(await readFile(weightsFile), weightSpecs);
  const network = new SecondKeywordNetwork(shape, keywords.length, embeddings, { mean, deviation });
  const weights: WeightMap = new Map();
  for (const [name, { shape: expected }] of network.weights()) {
    const values = known.get(name) ?? identity(name, expected[0], known);
    weights.set(name, checked(directory, name, expected, values));
  }
  network.setWeights(weights);
  return network;
}

function checked(
  directory: string,
  name: string,
  expected: readonly number[],
  values: Float32Array | undefined,
): Weight {
  if (values?.length !== expected.reduce((a, b) => a * b, 1)) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      `${directory}: weight ${name} is missing or not [${expected}]; only packs that train export wrote can be unpacked`,
    );
  }
  return { shape: [...expected], values };
}

/**
 * Gives the normalizations of the back half the statistics of what they hear in `frames`, and scales and shifts that undo them: what the
 * network computes stays the same, and stays nearly so where training takes a batch's own statistics.
 *
 * @param frames [n, frames, 20] as they come from the MFCC
 */
export function spreadNormalization(network: KeywordNetwork, frames: Float32Array, n: number): WeightMap {
  const weights = network.weights();
  tf.tidy(() => {
    const { compressed, embeddings } = network.forward(network.standardize(frames, n), false);
    spread(weights, network.body, compressed);
    spread(weights, network.head, embeddings);
  });
  network.setWeights(weights);
  return weights;
}

/**
 * The same for the network of a second look.
 *
 * @param levels [n, frames, bands] as they come from the log-mel bank
 */
export function spreadSecondNormalization(
  network: SecondKeywordNetwork,
  levels: Float32Array,
  n: number,
): WeightMap {
  const weights = network.weights();
  tf.tidy(() => {
    const x = network.standardize(levels, n);
    spread(weights, network.body, x);
    spread(weights, network.head, network.forward(x, false).embeddings);
  });
  network.setWeights(weights);
  return weights;
}

/** Takes the statistics of what each normalization of a model hears of `input` into `weights`. */
function spread(weights: WeightMap, model: tfl.LayersModel, input: tf.Tensor): void {
  const norms = model.layers.filter((layer) => layer instanceof BatchNorm);
  const heard = tfl.model({
    inputs: model.inputs,
    outputs: norms.map((norm) => norm.input as tfl.SymbolicTensor),
  });
  const outputs = [heard.predict(input, { batchSize: input.shape[0] })].flat() as tf.Tensor[];
  for (const [i, { name }] of norms.entries()) {
    const moments = tf.moments(outputs[i], [0, 1, 2]);
    const mean = moments.mean.dataSync() as Float32Array;
    const variance = moments.variance.dataSync() as Float32Array;
    const put = (what: string, values: Float32Array) =>
      weights.set(`${name}/${what}`, { shape: [values.length], values });
    const { values: beta } = weights.get(`${name}/beta`) as Weight;
    put('mean', mean.slice());
    put('variance', variance.slice());
    put(
      'gamma',
      variance.map((value) => Math.sqrt(value + EPSILON)),
    );
    put(
      'beta',
      beta.map((value, channel) => value + mean[channel]),
    );
  }
}

function backWeights(bytes: Uint8Array, specs: readonly object[]): Map<string, Float32Array> {
  const buffer = bytes.slice().buffer as ArrayBuffer;
  const tensors = tf.io.decodeWeights(buffer, specs as tf.io.WeightsManifestEntry[]);
  const weights = new Map(
    Object.entries(tensors).map(([name, tensor]) => [name, tensor.dataSync().slice() as Float32Array]),
  );
  tf.dispose(tensors);
  return weights;
}

/** A normalization that only adds the bias of the convolution that it was folded into. */
function identity(
  name: string,
  channels: number,
  back: ReadonlyMap<string, Float32Array>,
): Float32Array | undefined {
  const [norm, what] = name.split('/');
  if (!norm.endsWith('_norm')) return undefined;
  const of = { gamma: 1, mean: 0, variance: 1 - EPSILON }[what];
  return of === undefined
    ? back.get(`${norm.slice(0, -'_norm'.length)}/bias`)
    : new Float32Array(channels).fill(of);
}
