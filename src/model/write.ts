import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { formatModelJson, type LayersModel } from './back.js';
import type { Manifest } from './manifest.js';
import { readPack } from './read.js';
import { layOutTensors, type Tensor } from './tensors.js';

/** What the maker of a pack says of it: pack.json without what {@link writePack} finds out itself. */
export type PackDescription = Omit<Manifest, 'format' | 'version' | 'tensors' | 'files'>;

/**
 * Writes a model pack to `directory`, in place of whatever is there, and only once it has been read back and found
 * valid: it is written next to it, then renamed.
 *
 * `tensors` are the front half's, as trained (docs/reference/model-pack.md lists the names); `back` is a TensorFlow.js
 * layers-model as a save handler receives it, and so is `second`, where there is a second look.
 *
 * Throws `WG_MODEL_INVALID` where the parts do not fit together.
 */
export async function writePack(
  directory: string,
  description: PackDescription,
  tensors: ReadonlyMap<string, Tensor>,
  back: LayersModel,
  second: LayersModel | null = null,
): Promise<void> {
  const target = resolve(directory);
  const front = layOutTensors(tensors);
  const files = {
    'front.bin': front.bytes,
    'back.json': Buffer.from(formatModelJson(back)),
    'back.bin': back.weights,
    ...(second && {
      'second.json': Buffer.from(formatModelJson(second, 'second.bin')),
      'second.bin': second.weights,
    }),
  };
  const manifest: Manifest = {
    format: 'wakegate-pack',
    version: 1,
    ...description,
    tensors: front.table,
    files: Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, digest(bytes)]),
    ) as Manifest['files'],
  };
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}.new-`);
  try {
    // A temporary folder is made for its owner alone; a pack may be read by the daemon's own user.
    await chmod(draft, 0o755);
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(draft, name), bytes);
    await writeFile(join(draft, 'pack.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await readPack(draft);
    await moveInPlace(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

function digest(bytes: Uint8Array): { bytes: number; sha256: string } {
  return { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A folder cannot be renamed over one that holds files, so the old one steps aside first. */
async function moveInPlace(from: string, target: string): Promise<void> {
  const exists = await stat(target).then(
    () => true,
    () => false,
  );
  if (!exists) return rename(from, target);
  const aside = `${from}.old`;
  await rename(target, aside);
  await rename(from, target);
  await rm(aside, { recursive: true });
}
