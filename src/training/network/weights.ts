import { readFile, rename, writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { WakegateError } from '../../errors.js';
import { asBytes, asFloat32 } from '../array-bytes.js';
import { Random } from '../random.js';

export interface Weight {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** Weights by name, as `layer/kind`. */
export type WeightMap = Map<string, Weight>;

/** A copy of all weights of the layers. */
export function weightsOf(layers: readonly tfl.layers.Layer[]): WeightMap {
  const weights: WeightMap = new Map();
  for (const layer of layers) {
    for (const weight of layer.weights) {
      const value = weight.read();
      weights.set(weight.originalName, {
        shape: [...value.shape],
        values: value.dataSync().slice() as Float32Array,
      });
    }
  }
  return weights;
}

/** Gives convolutions weights by He et al. (2015), normal with a variance of 2 / inputs, that follow from a seed. */
export function initializeKernels(layers: readonly tfl.layers.Layer[], seed: number): void {
  const random = new Random(seed);
  for (const layer of layers) {
    layer.setWeights(
      layer.weights.map((weight) => {
        const { shape } = weight as { shape: number[] };
        if (shape.length !== 4) return weight.read();
        const [height, width, inputs] = shape;
        const fanIn = height * width * (weight.originalName.includes('depthwise_kernel') ? 1 : inputs);
        const deviation = Math.sqrt(2 / fanIn);
        const size = shape.reduce((a, b) => a * b, 1);
        return tf.tensor(
          Float32Array.from({ length: size }, () => deviation * random.normal()),
          shape,
        );
      }),
    );
  }
}

/** Sets the layers' weights, by name. */
export function setWeights(layers: readonly tfl.layers.Layer[], weights: WeightMap): void {
  for (const layer of layers) {
    if (layer.weights.length === 0) continue;
    tf.tidy(() => {
      layer.setWeights(
        layer.weights.map(({ originalName, shape }) => {
          const weight = weights.get(originalName);
          if (!weight || String(weight.shape) !== String(shape)) {
            const found = weight ? `has shape [${weight.shape}] instead of [${shape}]` : 'is missing';
            throw new WakegateError(
              'WG_DATA_INVALID',
              `checkpoint: weight ${originalName} ${found}; train again from the start`,
            );
          }
          return tf.tensor(weight.values, weight.shape);
        }),
      );
    });
  }
}

/** Exponential moving average of the layers' weights (Polyak and Juditsky 1992): `decay` of what there was. */
export function averageWeights(
  average: WeightMap,
  layers: readonly tfl.layers.Layer[],
  decay: number,
): WeightMap {
  const current = weightsOf(layers);
  for (const [name, { values }] of current) {
    const before = average.get(name)!.values;
    for (let i = 0; i < values.length; i++) values[i] = decay * before[i] + (1 - decay) * values[i];
  }
  return current;
}

/**
 * The mean of the weights of runs of which each continued another, so that they are close enough for a mean (Wortsman et al. 2022).
 *
 * @throws WakegateError WG_DATA_INVALID where they are of different networks
 */
export function meanOfWeights(several: readonly WeightMap[]): WeightMap {
  const [first] = several;
  for (const weights of several) {
    const same = [...first].every(([name, { shape }]) => String(weights.get(name)?.shape) === String(shape));
    if (!same || weights.size !== first.size) {
      throw new WakegateError(
        'WG_DATA_INVALID',
        'weights of different networks have no mean: name runs of the same recipe',
      );
    }
  }
  return new Map(
    [...first].map(([name, { shape, values }]) => [
      name,
      {
        shape,
        values: values.map(
          (_, i) => several.reduce((sum, of) => sum + of.get(name)!.values[i], 0) / several.length,
        ),
      },
    ]),
  );
}

/** Writes weights as a line of JSON (names and shapes) and their float32 values after it, whole or not at all. */
export async function writeWeights(path: string, weights: WeightMap): Promise<void> {
  const header = Buffer.from(`${JSON.stringify([...weights].map(([name, { shape }]) => [name, shape]))}\n`);
  const values = [...weights.values()].map((weight) => asBytes(weight.values));
  await writeFile(`${path}.part`, Buffer.concat([header, ...values]));
  await rename(`${path}.part`, path);
}

export async function readWeightMap(path: string): Promise<WeightMap> {
  const bytes = await readFile(path);
  const end = bytes.indexOf('\n') + 1;
  const header = JSON.parse(bytes.toString('utf8', 0, end)) as [string, number[]][];
  const all = asFloat32(bytes.subarray(end));
  let at = 0;
  return new Map(
    header.map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const values = all.slice(at, at + size);
      at += size;
      return [name, { shape, values }];
    }),
  );
}
