import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from '../../audio/index.js';
import { WakegateError } from '../../errors.js';
import { type CorpusFiles, CorpusMissing, type GitSource, type SourceFolders } from './corpus-source.js';

const run = promisify(execFile);
/** Neither asks for a password, nor fetches what a partial clone has not. */
const ENVIRONMENT = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1' };
/** Of what git lists: 200,000 files. */
const MOST_LISTED = 64 * 1024 * 1024;

/**
 * The files of a repository at a commit. Fetches that commit alone, unless it is there.
 *
 * @throws CorpusMissing where the repository, or its commit, cannot be had; WakegateError WG_PROGRAM_MISSING without git
 */
export async function openGitFiles(
  { url, commit }: GitSource,
  { cache, mirror }: SourceFolders,
): Promise<CorpusFiles> {
  if (!findOnPath('git')) {
    throw new WakegateError(
      'WG_PROGRAM_MISSING',
      'git is not installed: apt-get install git, then run it again',
    );
  }
  const name = url
    .replace(/\.git$/, '')
    .split('/')
    .slice(-2)
    .join('+');
  const folder =
    mirror === undefined ? await fetched(url, commit, join(cache, name)) : mirrored(mirror, name);
  if (!(await hasCommit(folder, commit))) {
    throw new CorpusMissing(`${folder} has no commit ${commit}`);
  }
  const { stdout } = await run('git', ['--git-dir', folder, 'ls-tree', '-r', '-z', commit], {
    env: ENVIRONMENT,
    maxBuffer: MOST_LISTED,
  });
  const objects = new Map<string, string>();
  for (const line of stdout.split('\0')) {
    const [, object, path] = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    if (path !== undefined) objects.set(path, object);
  }
  const reader = new ObjectReader(folder);
  return {
    paths: [...objects.keys()],
    read: (path) => reader.read(objects.get(path)!),
    close: () => reader.close(),
  };
}

function mirrored(mirror: string, name: string): string {
  const folder = [join(mirror, name, 'repo', '.git'), join(mirror, name, 'repo'), join(mirror, name)].find(
    (candidate) => existsSync(join(candidate, 'HEAD')),
  );
  if (folder === undefined) throw new CorpusMissing(`it is not in ${mirror} (as ${name}/repo)`);
  return folder;
}

async function fetched(url: string, commit: string, folder: string): Promise<string> {
  if (await hasCommit(folder, commit)) return folder;
  await mkdir(folder, { recursive: true });
  try {
    await run('git', ['init', '--quiet', '--bare', folder], { env: ENVIRONMENT });
    const what = ['fetch', '--quiet', '--no-tags', '--depth', '1', url, commit];
    await run('git', ['--git-dir', folder, ...what], { env: ENVIRONMENT });
  } catch (cause) {
    const said = String((cause as { readonly stderr?: unknown }).stderr ?? cause);
    throw new CorpusMissing(whyNotFetched(url, commit, said), { cause });
  }
  return folder;
}

function whyNotFetched(url: string, commit: string, said: string): string {
  if (/not our ref|remote ref|unadvertised object/i.test(said)) return `${url} has no commit ${commit}`;
  if (/no space left/i.test(said)) return 'the disk is full: free some space';
  const last = said.trim().split('\n').at(-1) ?? '';
  return `${url} cannot be fetched, is there a network? git says: ${last}`;
}

async function hasCommit(folder: string, commit: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  const look = ['--git-dir', folder, 'cat-file', '-e', `${commit}^{commit}`];
  return run('git', look, { env: ENVIRONMENT }).then(
    () => true,
    () => false,
  );
}

/** Reads objects one after another from one `git cat-file --batch`. */
class ObjectReader {
  readonly #child;
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(folder: string) {
    this.#child = spawn('git', ['--git-dir', folder, 'cat-file', '--batch'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: ENVIRONMENT,
    });
    this.#child.stdin.on('error', () => {}); // reading finds that it has ended
    this.#pieces = this.#child.stdout[Symbol.asyncIterator]();
  }

  async read(object: string): Promise<Buffer | null> {
    this.#child.stdin.write(`${object}\n`);
    let end = this.#rest.indexOf('\n');
    while (end < 0) {
      await this.#more();
      end = this.#rest.indexOf('\n');
    }
    const [, type, size] = this.#take(end + 1)
      .toString('latin1')
      .trim()
      .split(' ');
    if (type === 'missing') return null;
    const length = Number(size) + 1;
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) await this.#more();
      const part = this.#take(Math.min(missing, this.#rest.length));
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts).subarray(0, length - 1);
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done) throw new CorpusMissing('git ended while a file was read: the repository may be damaged');
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
  }
}
