import { access, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { asWakegateError, WakegateError, withoutPath } from '../errors.js';
import { homeDirectory } from '../home-directory.js';
import { decodeText, readRegularFile } from '../read-text.js';
import { putAside, replaceFile } from '../replace-file.js';
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
/** How often it is looked at, in ms, whether it is still there. */
const LOOK_MS = 30_000;

/**
 * A folder of small JSON files, each replaced as a whole: a reader, or a power cut, meets the old or the new one. A
 * file that cannot be used is put aside, and listening starts without it. A folder that is removed meanwhile is made again.
 */
export class StateDirectory {
  readonly path: string;
  /** Called where {@link problems} have changed. */
  onProblems: () => void = () => {};
  readonly #writes = new SerialQueue();
  /** undefined where it is only looked at; null where it cannot be had for now. */
  #lock: StateLock | null | undefined;
  #url: string | null = null;
  /** What every file holds, to be written again where the folder is removed. */
  readonly #texts = new Map<string, string>();
  readonly #found: string[] = [];
  /** Why it is not this daemon's alone, and why changes cannot be kept. */
  readonly #faults: { lock: string | null; write: string | null } = { lock: null, write: null };
  #lookedMs = performance.now();

  /** @throws WakegateError WG_STATE_UNUSABLE where another daemon uses it, or there can be no such folder */
  static async open(path: string): Promise<StateDirectory> {
    const state = new StateDirectory(path);
    state.#lock = null;
    try {
      await state.#takeLock();
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined || code === 'ENOTDIR' || code === 'EEXIST') throw error;
      // A disk that is full or may not be written on: nothing can be lost there either.
    }
    return state;
  }

  /** To look at it: nothing is put aside, and no other daemon kept out. */
  constructor(path: string) {
    this.path = path;
  }

  /** What was wrong with it when it was read, and what is wrong now, in sentences for people. */
  get problems(): readonly string[] {
    const { lock, write } = this.#faults;
    return [...this.#found, ...[lock, write].filter((fault) => fault !== null)];
  }

  /** Where the daemon that holds it serves. */
  set url(url: string) {
    this.#url = url;
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
   * Makes sure that it is still there, and this daemon's. To be called before anything else is written into it.
   *
   * @throws WakegateError WG_STATE_UNUSABLE where it is another daemon's by now
   */
  hold(): Promise<void> {
    this.#lookedMs = performance.now();
    return this.#writes.add(() => this.#hold());
  }

  /** The same without an answer, now and then, to be called with every sign of life. */
  watch(): void {
    if (performance.now() - this.#lookedMs >= LOOK_MS) this.hold().catch(() => {});
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
      if (checked.ok) {
        this.#texts.set(path, asText(value));
        return checked.value;
      }
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
    const path = this.pathOf(name);
    return this.#writes.add(async () => {
      await this.#hold();
      await this.#replace(path, asText(value));
    });
  }

  async #hold(): Promise<void> {
    if (this.#lock === undefined || (await this.#lock?.isHeld())) return;
    try {
      await this.#takeLock();
    } catch (error) {
      if (codeOf(error) === undefined) throw error; // another daemon's
    }
    await this.#writeMissing();
  }

  /** @throws WakegateError as {@link StateLock.take} does */
  async #takeLock(): Promise<void> {
    const before = this.#lock;
    try {
      await before?.release();
      this.#lock = null;
      this.#lock = await StateLock.take(this.path);
      this.#lock.url = this.#url;
      this.#setFault('lock', null);
    } catch (error) {
      const { message } = error as Error;
      this.#setFault('lock', `${withoutPath(message)}; changes made while it runs may be lost`);
      throw error;
    }
    if (!before) return;
    this.#found.push(`The state directory ${this.path} was removed while wakegate ran, and is made again.`);
    this.onProblems();
  }

  async #writeMissing(): Promise<void> {
    for (const [path, text] of this.#texts) if (!(await exists(path))) await this.#replace(path, text);
  }

  #setFault(of: 'lock' | 'write', fault: string | null): void {
    if (fault === this.#faults[of]) return;
    this.#faults[of] = fault;
    this.onProblems();
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
      this.#found.push(`${problem}. It will be put aside, and its settings are not used`);
      return;
    }
    try {
      const aside =
        kind === 'newer' && !(await exists(`${path}.newer`)) ? await moveToNewer(path) : await putAside(path);
      this.#found.push(`${problem}. It was put aside as ${aside}, and its settings are not used`);
    } catch (error) {
      const { message } = error as Error;
      this.#found.push(`${problem}. Its settings are not used, and it cannot be put aside: ${message}`);
    }
  }

  async #replace(path: string, text: string): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true });
      await replaceFile(path, text);
      this.#texts.set(path, text);
      this.#setFault('write', null);
    } catch (error) {
      this.#setFault(
        'write',
        `changes cannot be kept in ${this.path}: ${withoutPath((error as Error).message)}`,
      );
      throw asWakegateError(error, 'WG_STATE_UNUSABLE', `${path} cannot be written`);
    }
  }
}

async function moveToNewer(path: string): Promise<string> {
  const aside = `${path}.newer`;
  await rename(path, aside);
  return aside;
}

function asText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Of the system's error that is behind it; undefined where there is none. */
function codeOf(error: unknown): string | undefined {
  return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;
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
