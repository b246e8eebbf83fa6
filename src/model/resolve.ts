import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WakegateError } from '../errors.js';
import { isPackName } from '../pack-name.js';

/** The packs that come with the package; this file runs as dist/src/model/resolve.js. */
export const MODELS_DIRECTORY = fileURLToPath(new URL('../../../models/', import.meta.url));

/** Names of the packs that come with the package, sorted. */
export async function listPacks(): Promise<string[]> {
  const entries = await readdir(MODELS_DIRECTORY).catch(() => []);
  const found = await Promise.all(entries.map((name) => holdsPack(join(MODELS_DIRECTORY, name))));
  return entries.filter((_, index) => found[index]).sort();
}

/**
 * The folder of a model pack: a bare name is looked up among {@link listPacks}, anything with a slash (or `.`) is a
 * folder. Throws `WG_MODEL_NOT_FOUND`, and lists the names that exist.
 */
export async function resolvePack(nameOrDirectory: string): Promise<string> {
  const isName = isPackName(nameOrDirectory);
  const directory = isName ? join(MODELS_DIRECTORY, nameOrDirectory) : resolve(nameOrDirectory);
  if (await holdsPack(directory)) return directory;
  const names = await listPacks();
  const known = names.length === 0 ? 'none' : names.join(', ');
  const problem = isName
    ? `there is no model pack named ${nameOrDirectory}`
    : `${nameOrDirectory} is not a folder with a pack.json`;
  const remedy = `choose one of ${known}, or give a folder such as ./my-pack`;
  throw new WakegateError('WG_MODEL_NOT_FOUND', `${problem}; ${remedy}`);
}

export function holdsPack(directory: string): Promise<boolean> {
  return access(join(directory, 'pack.json')).then(
    () => true,
    () => false,
  );
}
