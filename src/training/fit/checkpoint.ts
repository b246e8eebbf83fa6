import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as tfl from '@tensorflow/tfjs-layers';
import { WakegateError } from '../../errors.js';
import { readWeightMap, setWeights, type WeightMap, weightsOf, writeWeights } from '../network/weights.js';
import type { Adam } from './adam.js';

/** A run between two steps. Its random numbers start over at every checkpoint, from seed and step. */
export interface RunState {
  readonly step: number;
  /** Smoothed loss. */
  readonly loss: number;
  readonly averaged: WeightMap;
  /** What else the run keeps between steps. */
  readonly extra: WeightMap;
}

/**
 * The last checkpoint of a run, in its folder, with the averaged weights next to it as `averaged.bin`. A run that continues from it, in
 * this process or another, has the same numbers: the optimizer's moments are part of it.
 */
export class Checkpoints {
  readonly #folder: string;
  readonly #settings: string;
  readonly #layers: readonly tfl.layers.Layer[];

  /** @param settings whatever decides the run's numbers */
  constructor(folder: string, settings: object, layers: readonly tfl.layers.Layer[]) {
    this.#folder = folder;
    this.#settings = JSON.stringify(settings);
    this.#layers = layers;
  }

  /**
   * Sets layers and optimizer to the last checkpoint. Null, with nothing done, where there is none.
   *
   * @throws WakegateError WG_DATA_INVALID where the folder holds a run with other settings
   */
  async restore(optimizerAt: (step: number) => Adam): Promise<RunState | null> {
    await mkdir(this.#folder, { recursive: true });
    const settingsPath = join(this.#folder, 'settings.json');
    const settings = await readFile(settingsPath, 'utf8').catch(() => null);
    if (settings !== null && settings !== this.#settings) {
      throw new WakegateError(
        'WG_DATA_INVALID',
        `${this.#folder} holds a run with other settings (${settings}): choose another folder, or delete that one`,
      );
    }
    await writeFile(settingsPath, this.#settings);
    const all = await readWeightMap(this.#path).catch((cause) => {
      if (cause.code === 'ENOENT') return null;
      throw cause;
    });
    if (all === null) return null;
    const [step, loss] = all.get('standing')!.values;
    setWeights(this.#layers, under(all, 'now'));
    optimizerAt(step).restore(under(all, 'optimizer'));
    return { step, loss, averaged: under(all, 'averaged'), extra: under(all, 'extra') };
  }

  async save({ step, loss, averaged, extra }: RunState, optimizer: Adam): Promise<void> {
    await writeWeights(
      this.#path,
      new Map([
        ['standing', { shape: [2], values: Float32Array.of(step, loss) }],
        ...over(weightsOf(this.#layers), 'now'),
        ...over(averaged, 'averaged'),
        ...over(optimizer.save(), 'optimizer'),
        ...over(extra, 'extra'),
      ]),
    );
    await writeWeights(join(this.#folder, 'averaged.bin'), averaged);
  }

  get #path(): string {
    return join(this.#folder, 'checkpoint.bin');
  }
}

function over(weights: WeightMap, name: string): WeightMap {
  return new Map([...weights].map(([key, weight]) => [`${name}:${key}`, weight]));
}

function under(weights: WeightMap, name: string): WeightMap {
  const prefix = `${name}:`;
  return new Map(
    [...weights].flatMap(([key, weight]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), weight] as const] : [],
    ),
  );
}
