import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asWakegateError, WakegateError } from '../errors.js';
import { describePack } from './read.js';
import { holdsPack, MODELS_DIRECTORY } from './resolve.js';

export interface InstalledPack {
  /** Name of its folder, which selects it. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly keywords: string[];
  /** Why it cannot be used, as far as its description shows; its name is then that of the folder. */
  readonly problem: string | null;
  readonly directory: string;
}

/** The available model packs: those that come with wakegate, and those next to the one in use. */
export class InstalledPacks {
  readonly #folders: readonly string[];

  /** @param packDirectory folder of the pack in use */
  constructor(packDirectory: string) {
    this.#folders = [...new Set([join(MODELS_DIRECTORY), join(dirname(packDirectory), '/')])];
  }

  async list(): Promise<InstalledPack[]> {
    const directories = await this.#directories();
    return Promise.all([...directories].sort().map(([id, directory]) => describe(id, directory)));
  }

  /** @throws WakegateError WG_UNKNOWN_NAME, which lists those that exist */
  async directoryOf(id: string): Promise<string> {
    const directories = await this.#directories();
    const directory = directories.get(id);
    if (directory !== undefined) return directory;
    const ids = [...directories.keys()].sort().join(', ');
    throw new WakegateError('WG_UNKNOWN_NAME', `there is no model pack ${id}; choose one of ${ids}`);
  }

  /** By id. What is asked for is looked up in it, and so never leaves the folders. */
  async #directories(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const folder of this.#folders) {
      for (const name of await readdir(folder).catch(() => [])) {
        const directory = join(folder, name);
        if (await holdsPack(directory)) found.set(basename(directory), directory);
      }
    }
    return found;
  }
}

async function describe(id: string, directory: string): Promise<InstalledPack> {
  try {
    return { id, ...(await describePack(directory)), problem: null, directory };
  } catch (error) {
    const { message } = asWakegateError(error, 'WG_MODEL_INVALID', `${directory} cannot be read`);
    return { id, name: id, description: '', keywords: [], problem: message, directory };
  }
}
