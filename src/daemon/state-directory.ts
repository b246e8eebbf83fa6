import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asWakegateError, WakegateError } from '../errors.js';
import { homeDirectory } from '../home-directory.js';
import { replaceFile } from '../replace-file.js';
import { SerialQueue } from '../serial-queue.js';

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

/** A folder of small JSON files, each replaced as a whole: a reader, or a power cut, meets the old or the new one. */
export class StateDirectory {
  readonly path: string;
  readonly #writes = new SerialQueue();

  /** The folder is made by the first write. */
  constructor(path: string) {
    this.path = path;
  }

  pathOf(name: string): string {
    return join(this.path, `${name}.json`);
  }

  /**
   * What was last written by this name; undefined where nothing was.
   *
   * @throws WakegateError WG_STATE_UNUSABLE
   */
  async read(name: string): Promise<unknown> {
    const path = this.pathOf(name);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw asWakegateError(error, 'WG_STATE_UNUSABLE', `${path} cannot be read`);
    }
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new WakegateError(
        'WG_STATE_UNUSABLE',
        `${path} is not valid JSON: fix it, or delete it to start over`,
        {
          cause: error,
        },
      );
    }
  }

  /** @throws WakegateError WG_STATE_UNUSABLE; what was there before is then still there */
  write(name: string, value: unknown): Promise<void> {
    const text = `${JSON.stringify(value, null, 2)}\n`;
    return this.#writes.add(() => this.#replace(this.pathOf(name), text));
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
