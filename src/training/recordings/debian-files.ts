import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from '../../audio/index.js';
import { type CorpusFiles, CorpusMissing, type DebianSource, type SourceFolders } from './corpus-source.js';

const run = promisify(execFile);

/**
 * The files of a Debian package, which is downloaded but not installed, unless it is there.
 *
 * @throws CorpusMissing where it cannot be had
 */
export async function openDebianFiles(
  { package: name }: DebianSource,
  { cache }: SourceFolders,
): Promise<CorpusFiles> {
  const folder = join(cache, `debian+${name}`);
  if (!existsSync(folder)) await download(name, folder);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  return { paths, read: (path) => readFile(join(folder, path)), close: () => {} };
}

async function download(name: string, folder: string): Promise<void> {
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (!findOnPath(program)) {
      throw new CorpusMissing(`${program} is not installed, and it is the Debian package ${name}`);
    }
  }
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(join(part, 'files'), { recursive: true });
  try {
    await run('apt-get', ['download', '-qq', name], { cwd: part });
    const archive = (await readdir(part)).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get downloaded nothing');
    await run('dpkg-deb', ['-x', join(part, archive), join(part, 'files')]);
  } catch (cause) {
    const said = String((cause as { readonly stderr?: unknown }).stderr || cause);
    throw new CorpusMissing(
      `the Debian package ${name} cannot be downloaded: ${said.trim().split('\n')[0]}`,
      { cause },
    );
  }
  // Only a whole package has the folder's name.
  await rename(join(part, 'files'), folder);
  await rm(part, { recursive: true, force: true });
}
