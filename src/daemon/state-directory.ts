import { access, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { asWakegateError, WakegateError } from '../errors.js';
import { homeDirectory } from '../home-directory.js';
import { decodeText, readRegularFile } from '../read-text.js';
import { replaceFile } from '../replace-file.js';
import { Checker, type Static, type TSchema } from '../schema/index.js';
import { SerialQueue } from '../serial-queue.js';
import { StateLock } from './state-lock.js';

/**
 * Where state is kept by default: where systemd says, or by the XDG base directory specification.
 *
 * @throws WakegateError WG_STATE_UNUSABLE for a user without a home directory
 */
export function defaultStateDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const { STATE_DIRECTORY, XDG_STATE_HOME } = environment;
  if (STATE_DIRECTORY) return STATE_DIRECTORY.split(':')[0]; // a unit may have several
  if (XDG_STATE_HOME) return join(XDG_STATE_HOME, 'wakegate');
  const home = homeDirectory();
  if (home !== null) return join(home, '.local', 'state', 'wakegate');
  throw new WakegateError(
    'WG_STATE_UNUSABLE',
    'there is no folder to keep changes in, as HOME is not set and this user has no entry in /etc/passwd: ' +
      'name one with --state-directory or WAKEGATE_STATE_DIRECTORY, or set HOME',
  );
}

/** Where a daemon with these settings keeps its state. @throws as {@link defaultStateDirectory} does */
export function stateDirectoryOf({ stateDirectory }: { readonly stateDirectory?: string }): string {
  return stateDirectory ?? defaultStateDirectory();
}

/**
 * The format of the files. A file without a `version` has format 1, so that every release reads it; one that cannot be
 * read by this release says a higher one. What a release does not know within a format, it leaves alone.
 */
const FORMAT = 1;
/** Far more than settings of all keywords take. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * A folder of small JSON files, each replaced as a whole: a reader, or a power cut, meets the old or the new one. A
 * file that cannot be used is put aside, and listening starts without it.
 */
export class StateDirectory {
  readonly path: string;
  /** What was wrong with it when it was read, in sentences for people. */
  readonly problems: string[] = [];
  readonly #writes = new SerialQueue();
  /** undefined where it is only looked at. */
  #lock: StateLock | null | undefined;

  /** @throws WakegateError WG_STATE_UNUSABLE where another daemon uses it, or there can be no such folder */
  static async open(path: string): Promise<StateDirectory> {
    const state = new StateDirectory(path);
    try {
      state.#lock = await StateLock.take(path);
    } catch (error) {
      const { cause, message } = error as WakegateError;
      const code = (cause as NodeJS.ErrnoException | undefined)?.code;
      if (code === undefined || code === 'ENOTDIR' || code === 'EEXIST') throw error;
      // A disk that is full or may not be written on: nothing can be lost there either.
      state.#lock = null;
      state.problems.push(`${message}; changes made while it runs may be lost`);
    }
    return state;
  }

  /** To look at it: nothing is put aside, and no other daemon kept out. */
  constructor(path: string) {
    this.path = path;
  }

  /** Where the daemon that holds it serves. */
  set url(url: string) {
    if (this.#lock) this.#lock.url = url;
  }

  pathOf(name: string): string {
    return join(this.path, `${name}.json`);
  }

  /** Another daemon may use it from now on. May be called more than once. */
  async close(): Promise<void> {
    await this.#writes.settled();
    await this.#lock?.release();
  }

  /**
   * What was last written by this name; undefined where nothing was, or nothing that can be used: that is put aside,
   * and described in {@link problems}.
   */
  async read<Schema extends TSchema>(name: string, schema: Schema): Promise<Static<Schema> | undefined> {
    const path = this.pathOf(name);
    await this.#takeBack(path);
    try {
      const value: unknown = JSON.parse(decodeText(await readRegularFile(path, MOST_BYTES)));
      const { version = FORMAT, ...content } = asObject(value);
      if (typeof version === 'number' && version > FORMAT) {
        const problem = `${path} was written by a newer wakegate (format ${version}; this one reads ${FORMAT})`;
        await this.#putAside(path, problem, 'newer');
        return undefined;
      }
      const isObject = !Array.isArray(value) && typeof version === 'number';
      const checked = new Checker(schema).check(isObject ? content : value);
      if (checked.ok) return checked.value;
      await this.#putAside(path, `${path} does not hold what wakegate writes there`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      const what = error instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read';
      await this.#putAside(path, `${path} ${what}: ${message}`);
    }
    return undefined;
  }

  /** @throws WakegateError WG_STATE_UNUSABLE; what was there before is then still there */
  write(name: string, value: unknown): Promise<void> {
    const text = `${JSON.stringify(value, null, 2)}\n`;
    return this.#writes.add(() => this.#replace(this.pathOf(name), text));
  }

  /** What an older release has put aside, and this one can read. */
  async #takeBack(path: string): Promise<void> {
    const newer = `${path}.newer`;
    if (this.#lock === undefined || (await exists(path))) return;
    try {
      const { version } = asObject(JSON.parse(decodeText(await readRegularFile(newer, MOST_BYTES))));
      if (typeof version === 'number' && version <= FORMAT) await rename(newer, path);
    } catch {
      // There is none, or it cannot be read: it stays where it is.
    }
  }

  async #putAside(path: string, problem: string, kind: 'corrupt' | 'newer' = 'corrupt'): Promise<void> {
    if (this.#lock === undefined) {
      this.problems.push(`${problem}. It will be put aside, and its settings are not used`);
      return;
    }
    const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const isFree = kind === 'newer' && !(await exists(`${path}.newer`));
    const aside = isFree ? `${path}.newer` : `${path}.${kind}-${time}`;
    try {
      await rename(path, aside);
      this.problems.push(`${problem}. It was put aside as ${aside}, and its settings are not used`);
    } catch (error) {
      const { message } = error as Error;
      this.problems.push(`${problem}. Its settings are not used, and it cannot be put aside: ${message}`);
    }
  }

  async #replace(path: string, text: string): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true });
      await replaceFile(path, text);
    } catch (error) {
      throw asWakegateError(error, 'WG_STATE_UNUSABLE', `${path} cannot be written`);
    }
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {};
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
