import fs = require('node:fs');
import os = require('node:os');
import path = require('node:path');
import vm = require('node:vm');
import url = require('node:url');
import v8 = require('node:v8');
import zlib = require('node:zlib');

/**
 * Runs what scripts/bundle.js has made of the modules: a file of the modules that a thread needs at its start, compiled from a cache, and files of
 * those that are loaded later.
 *
 * V8 keeps no compiled code from one process to the next. Here it is kept in a file of the user's: of this build, this version of Node, and its flags.
 */

/** One for each thread that starts from a bundle. */
type BundleName = 'daemon' | 'classifier';

/** Fills `module.exports`. What a module has of its own is handed in: `fileUrl` is its `import.meta.url`, `importModule` its `import()`. */
type Chunk = (
  module: { exports: object },
  exports: object,
  require: (id: string) => unknown,
  fileUrl: string,
  importModule: (specifier: string) => Promise<unknown>,
) => void;

const FOLDER = path.join(__dirname, '../bundled');
/** In a repository: written by the compiler whenever it writes modules. */
const COMPILED = path.join(__dirname, '../../.tsbuildinfo');

/** By then what a start needs has been compiled, and the thread has little to do. */
const KEEP_AFTER_MS = 3000;
const OLD_MS = 30 * 24 * 3_600_000;

/** Whether there is a bundle, and the modules have not been compiled again since it was made. */
function isCurrent(): boolean {
  const made = fs.statSync(path.join(FOLDER, 'modules.json'), { throwIfNoEntry: false });
  if (made === undefined) return false;
  const compiled = fs.statSync(COMPILED, { throwIfNoEntry: false });
  return compiled === undefined || compiled.mtimeMs <= made.mtimeMs;
}

/** What the bundle's entry exports. */
function load<Exports>(name: BundleName): Exports {
  const modules = new Map<string, { exports: object }>();
  const run = (file: string, script: vm.Script, module: { exports: object }): object => {
    const chunk = script.runInThisContext() as Chunk;
    chunk(
      module,
      module.exports,
      requireFrom,
      url.pathToFileURL(file).href,
      (specifier) => import(specifier),
    );
    return module.exports;
  };
  const requireFrom = (id: string): unknown => {
    if (!id.startsWith('./')) return require(id);
    const known = modules.get(id);
    if (known) return known.exports;
    const module = { exports: {} };
    modules.set(id, module);
    const file = path.join(FOLDER, id);
    return run(file, new vm.Script(fs.readFileSync(file, 'latin1'), { filename: file }), module);
  };
  const file = path.join(FOLDER, `${name}.cjs`);
  const all = run(file, compile(name, file), { exports: {} }) as { readonly [id: string]: object };
  for (const [id, exports] of Object.entries(all)) modules.set(id, { exports });
  return all.entry as Exports;
}

function compile(name: BundleName, file: string): vm.Script {
  const source = fs.readFileSync(file, 'latin1');
  const key = keyOf(source);
  const kept = keptFile(name, key);
  const cachedData = kept === null ? undefined : readKept(kept, key);
  const script = new vm.Script(source, { filename: file, ...(cachedData && { cachedData }) });
  // What V8 cannot use it rejects, and compiles the source.
  const isKept = kept === null || script.cachedDataRejected === false;
  setTimeout(() => {
    if (!isKept) void keep(kept, key, script.createCachedData());
    if (name === 'daemon') limitNewObjects();
  }, KEEP_AFTER_MS).unref();
  return script;
}

/**
 * V8 gives new objects more and more room, up to 32 MB, before it looks which of them are still used. A daemon makes few: the room that
 * they have at first is enough. Compiled code, Node's own too, is for the flags that are set when it is kept, so this one waits until the start is over.
 */
function limitNewObjects(): void {
  v8.setFlagsFromString('--semi-space-growth-factor=1');
}

/** What the code was compiled from and by. The bundle begins with its hash, in a comment. */
function keyOf(source: string): string {
  return `${source.slice(0, source.indexOf('\n'))} ${process.version} ${process.arch}`;
}

/** Where compiled code is kept; null for a user without a home directory. */
function keptFile(name: BundleName, key: string): string | null {
  const { STATE_DIRECTORY, XDG_CACHE_HOME } = process.env;
  const compiled = `compiled-${name}-${zlib.crc32(key).toString(16)}`;
  // As systemd and the container set it: users of services have no home.
  if (STATE_DIRECTORY) return path.join(STATE_DIRECTORY.split(':')[0], compiled);
  if (XDG_CACHE_HOME) return path.join(XDG_CACHE_HOME, 'wakegate', compiled);
  try {
    return path.join(os.homedir(), '.cache/wakegate', compiled);
  } catch {
    return null;
  }
}

/** Undefined where there is none of this key, it was damaged, or somebody else could have written it. */
function readKept(file: string, key: string): Buffer | undefined {
  try {
    const { uid, mode } = fs.statSync(file);
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return undefined;
    const bytes = fs.readFileSync(file);
    const head = Buffer.from(`${key}\n`);
    const code = bytes.subarray(head.length + 4);
    if (head.compare(bytes, 0, head.length) !== 0) return undefined;
    return bytes.readUInt32LE(head.length) === zlib.crc32(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** A reader meets the old one or the new one. Without it, the next start takes longer. */
async function keep(file: string, key: string, code: Buffer): Promise<void> {
  const fresh = `${file}.${process.pid}`;
  const check = Buffer.alloc(4);
  check.writeUInt32LE(zlib.crc32(code));
  try {
    await fs.promises.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await fs.promises.writeFile(fresh, [Buffer.from(`${key}\n`), check, code], { mode: 0o600 });
    await fs.promises.rename(fresh, file);
    await removeOld(path.dirname(file));
  } catch {
    await fs.promises.rm(fresh, { force: true }).catch(() => {});
  }
}

/** Those of builds and versions of Node that are likely to be gone. */
async function removeOld(folder: string): Promise<void> {
  for (const name of await fs.promises.readdir(folder)) {
    if (!name.startsWith('compiled-')) continue;
    const file = path.join(folder, name);
    const { mtimeMs } = await fs.promises.stat(file);
    if (Date.now() - mtimeMs > OLD_MS) await fs.promises.rm(file, { force: true });
  }
}

export = { isCurrent, load };
