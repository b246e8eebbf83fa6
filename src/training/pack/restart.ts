import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCorpus } from '../corpus/corpus.js';
import { readScenes } from '../corpus/distillation-set.js';
import { EMBEDDING } from '../corpus/teacher.js';
import { AUGMENT, Augmenter } from '../feed/augment.js';
import { FEATURES, mfccFrames } from '../feed/mfcc-frames.js';
import { moments } from '../feed/moments-of.js';
import { SHAPE, spans } from '../network/network.js';
import { writeWeights } from '../network/weights.js';
import { Random } from '../random.js';
import { spreadNormalization, unpackNetwork } from './unpack.js';

/** Windows that the statistics are of, and embeddings in each. */
const WINDOWS = 192;
const EMBEDDINGS = 24;
const SCENES = 64;

/**
 * Turns a pack back into a folder that `trainHeads` takes for its trunk, and its `averaged.bin` for first weights. The statistics of the
 * back half, which the pack has no more, are taken again from prepared scenes.
 */
export async function restartFromPack(pack: string, cache: string, run: string): Promise<void> {
  const network = await unpackNetwork(pack, SHAPE);
  const scenes = await readScenes('train', cache);
  const random = new Random(1);
  const augmenter = new Augmenter(await readCorpus('train', cache), random, AUGMENT);
  const frames = spans.framesForFrontSteps(SHAPE, spans.stepsForEmbeddings(SHAPE, EMBEDDINGS));
  const length = frames * FEATURES.coefficients;
  const windows = new Float32Array(WINDOWS * length);
  const heard = Array.from({ length: Math.min(SCENES, scenes.length) }, () =>
    mfccFrames(augmenter.scene(random.pick(scenes).samples)),
  );
  for (let i = 0; i < WINDOWS; i++) {
    const from = random.pick(heard);
    const first = random.index(from.length / FEATURES.coefficients - frames) * FEATURES.coefficients;
    windows.set(from.subarray(first, first + length), i * length);
  }
  const weights = spreadNormalization(network, windows, WINDOWS);
  const embedding = moments(
    scenes.map(({ embeddings }) => embeddings),
    EMBEDDING,
  );
  const plain = (of: { mean: ArrayLike<number>; deviation: ArrayLike<number> }) => ({
    mean: Array.from(of.mean),
    deviation: Array.from(of.deviation),
  });
  await mkdir(run, { recursive: true });
  await writeFile(
    join(run, 'standardization.json'),
    JSON.stringify({ mfcc: plain(network.mfcc), embedding: plain(embedding) }),
  );
  // Of no fold, which export asks for.
  await writeFile(join(run, 'settings.json'), JSON.stringify({ fold: null, pack }));
  await writeWeights(join(run, 'averaged.bin'), weights);
}
