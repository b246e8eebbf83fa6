import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingSet } from '../feed/background.js';
import { Feeder } from '../feed/feeder.js';
import type { SecondBatch, SecondFeederSettings, SecondMoments } from '../feed/second-feeder.js';
import { framesForEmbeddings, SECOND_SHAPE } from '../network/second-network.js';
import { writeWeights } from '../network/weights.js';
import { spreadSecondNormalization, unpackSecond } from './unpack.js';

/** Windows that the statistics are of, and embeddings in each. */
const WINDOWS = 192;
const EMBEDDINGS = 24;

/**
 * Turns the second look of a pack back into a folder whose `averaged.bin` and `moments.json` the distillation, or the training of keywords,
 * begins with. The statistics of its normalization, which the pack has no more, are taken again from prepared scenes.
 *
 * @throws WakegateError as {@link unpackSecond} does
 */
export async function restartSecondFromPack(
  pack: string,
  sets: readonly RecordingSet[],
  run: string,
): Promise<void> {
  const network = await unpackSecond(pack, SECOND_SHAPE, EMBEDDINGS);
  const settings: SecondFeederSettings = {
    split: 'train',
    sets,
    seed: 1,
    batch: WINDOWS,
    embeddings: EMBEDDINGS,
    frames: network.frames,
    framesOfOne: framesForEmbeddings(SECOND_SHAPE, 1),
    clean: false,
  };
  const url = new URL('../feed/second-feeder.js', import.meta.url);
  const feeder = await Feeder.start<SecondMoments, SecondBatch>(url, settings);
  const { levels } = await feeder.next();
  await feeder.stop();
  await mkdir(run, { recursive: true });
  await writeFile(
    join(run, 'moments.json'),
    JSON.stringify({ levels: network.levels, embedding: feeder.ready.embedding } satisfies SecondMoments),
  );
  await writeWeights(join(run, 'averaged.bin'), spreadSecondNormalization(network, levels, WINDOWS));
}
