import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asBytes, asFloat32, asInt16 } from '../array-bytes.js';
import type { OnProgress } from '../progress.js';
import { Random } from '../random.js';
import { readCorpus } from './corpus.js';
import { AS_RECORDED, makeScenes, PACED, type ScenePaces, type Span } from './scenes.js';
import { Teacher } from './teacher.js';

/** A clean scene, and the teacher's embeddings of it, [n, 96], one every 80 ms. */
export interface TaughtScene {
  readonly samples: Int16Array;
  readonly spans: readonly Span[];
  readonly embeddings: Float32Array;
}

/** A set of scenes: a split as it was recorded, or at other speeds. */
export type SceneSet = 'dev' | 'train' | 'train-paced';

const SETS: Readonly<Record<SceneSet, { split: 'train' | 'dev'; paces: ScenePaces }>> = {
  dev: { split: 'dev', paces: AS_RECORDED },
  train: { split: 'train', paces: AS_RECORDED },
  'train-paced': { split: 'train', paces: PACED },
};

/**
 * Scenes of a set with the teacher's embeddings, computed once (about 9 minutes for train on two cores) and kept
 * under `cache`: a scene that is there already is not computed again.
 *
 * @param shard computes only every `shard.of`-th scene, from `shard.index` on: run two at once on two cores
 */
export async function prepareScenes(
  set: SceneSet,
  cache: string,
  seed: number,
  shard: { readonly index: number; readonly of: number } = { index: 0, of: 1 },
  onProgress?: OnProgress,
): Promise<number> {
  const { split, paces } = SETS[set];
  const clips = await readCorpus(split, cache, { onProgress });
  const teacher = await Teacher.load();
  const directory = join(cache, 'scenes');
  await mkdir(directory, { recursive: true });
  let index = 0;
  for (const scene of makeScenes(clips, new Random(seed), paces)) {
    const path = scenePath(cache, set, index);
    if (index % shard.of === shard.index && !(await exists(`${path}.json`))) {
      const embeddings = await teacher.embed(scene.samples);
      await writeFile(`${path}.pcm`, asBytes(scene.samples));
      await writeFile(`${path}.emb`, asBytes(embeddings));
      await writeFile(`${path}.json.part`, JSON.stringify(scene.spans));
      await rename(`${path}.json.part`, `${path}.json`);
      if (index % 20 < shard.of) onProgress?.({ type: 'teach', set, done: index + 1, of: null });
    }
    index++;
  }
  return index;
}

/** The prepared scenes of a set. */
export async function readScenes(set: SceneSet, cache: string): Promise<TaughtScene[]> {
  const scenes: TaughtScene[] = [];
  for (let index = 0; ; index++) {
    const path = scenePath(cache, set, index);
    if (!(await exists(`${path}.json`))) return scenes;
    scenes.push({
      samples: asInt16(await readFile(`${path}.pcm`)),
      embeddings: asFloat32(await readFile(`${path}.emb`)),
      spans: JSON.parse(await readFile(`${path}.json`, 'utf8')),
    });
  }
}

/** Where each prepared scene of a set is, for {@link readScene}: for those who cannot hold all at once. */
export async function listScenes(set: SceneSet, cache: string): Promise<string[]> {
  const paths: string[] = [];
  for (const file of (await readdir(join(cache, 'scenes')).catch(() => [])).sort()) {
    if (file.startsWith(`${set}-`) && /^\d+\.json$/.test(file.slice(set.length + 1))) {
      paths.push(join(cache, 'scenes', file.slice(0, -'.json'.length)));
    }
  }
  return paths;
}

export async function readScene(path: string): Promise<TaughtScene> {
  return {
    samples: asInt16(await readFile(`${path}.pcm`)),
    embeddings: asFloat32(await readFile(`${path}.emb`)),
    spans: JSON.parse(await readFile(`${path}.json`, 'utf8')),
  };
}

function scenePath(cache: string, set: SceneSet, index: number): string {
  return join(cache, 'scenes', `${set}-${String(index).padStart(4, '0')}`);
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}
