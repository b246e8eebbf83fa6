import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { asWakegateError, WakegateError } from '../errors.js';
import { readText } from '../read-text.js';
import { replaceFile } from '../replace-file.js';
import {
  checkFits,
  formatOwnKeyword,
  MOST_KEYWORD_BYTES,
  parseOwnKeyword,
  withOwnKeywords,
} from './own-keyword.js';
import type { OwnKeyword } from './own-keyword-types.js';
import type { ModelPack } from './pack.js';

/** The keywords of the user's own, one file each, in a folder `keywords` next to other state. */
export class KeywordFolder {
  readonly path: string;

  /** @param stateDirectory where the daemon keeps its state */
  constructor(stateDirectory: string) {
    this.path = join(stateDirectory, 'keywords');
  }

  /** Those that can be read, by name, and what is wrong with the others, in sentences. */
  async list(): Promise<{ readonly keywords: OwnKeyword[]; readonly problems: string[] }> {
    const names = (await readdir(this.path).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
    const keywords: OwnKeyword[] = [];
    const problems: string[] = [];
    for (const name of names) {
      try {
        const keyword = await this.#read(basename(name, '.json'));
        if (keyword) keywords.push(keyword);
      } catch (error) {
        problems.push(asWakegateError(error, 'WG_KEYWORD_INVALID', `${name} cannot be read`).message);
      }
    }
    return { keywords, problems };
  }

  /** @throws WakegateError WG_UNKNOWN_NAME, WG_KEYWORD_INVALID */
  async get(name: string): Promise<OwnKeyword> {
    const keyword = await this.#read(name);
    if (keyword) return keyword;
    throw new WakegateError(
      'WG_UNKNOWN_NAME',
      `there is no keyword ${name} of your own: "wakegate keyword list" shows those that there are`,
    );
  }

  /** Adds or replaces one; what it replaces is kept as the earlier one. @throws WakegateError WG_STATE_UNUSABLE */
  async write(keyword: OwnKeyword): Promise<void> {
    const path = this.pathOf(keyword.name);
    try {
      await mkdir(this.path, { recursive: true });
      const before = await readText(path).catch(() => null);
      const text = formatOwnKeyword(keyword);
      if (before !== null && before !== text) await replaceFile(this.#earlierOf(keyword.name), before);
      await replaceFile(path, text);
    } catch (error) {
      throw asWakegateError(error, 'WG_STATE_UNUSABLE', `${path} cannot be written`);
    }
  }

  /** What a keyword was before it was last replaced. @throws WakegateError WG_UNKNOWN_NAME where it never was */
  async earlier(name: string): Promise<OwnKeyword> {
    const path = this.#earlierOf(name);
    const text = await readText(path).catch(() => null);
    if (text !== null) return parseOwnKeyword(text, path);
    throw new WakegateError(
      'WG_UNKNOWN_NAME',
      `keyword ${name} was never changed: there is nothing to take back`,
    );
  }

  /** @throws WakegateError WG_UNKNOWN_NAME, WG_STATE_UNUSABLE */
  async remove(name: string): Promise<void> {
    await this.get(name).catch((error: WakegateError) => {
      if (error.code === 'WG_UNKNOWN_NAME') throw error;
    });
    try {
      await rm(this.pathOf(name), { force: true });
      await rm(this.#earlierOf(name), { force: true });
      await rm(this.#takesOf(name), { recursive: true, force: true });
    } catch (error) {
      throw asWakegateError(error, 'WG_STATE_UNUSABLE', `${this.pathOf(name)} cannot be removed`);
    }
  }

  /** Files of the recordings that a keyword was made with. */
  async takes(name: string): Promise<string[]> {
    return takesIn(this.#takesOf(name));
  }

  /** Keeps recordings in place of those that were kept, to make the keyword again with. @throws WakegateError WG_STATE_UNUSABLE */
  async keepTakes(name: string, files: readonly string[]): Promise<void> {
    const folder = this.#takesOf(name);
    const fresh = `${folder}.new`;
    try {
      await rm(fresh, { recursive: true, force: true });
      if (files.length > 0) await mkdir(fresh, { recursive: true });
      for (const [i, file] of files.entries()) await cp(file, join(fresh, `take-${i + 1}${extname(file)}`));
      await rm(folder, { recursive: true, force: true });
      if (files.length > 0) await rename(fresh, folder);
    } catch (error) {
      await rm(fresh, { recursive: true, force: true }).catch(() => {});
      throw asWakegateError(
        error,
        'WG_STATE_UNUSABLE',
        `the recordings of ${name} cannot be kept in ${folder}`,
      );
    }
  }

  pathOf(name: string): string {
    return join(this.path, `${name}.json`);
  }

  #earlierOf(name: string): string {
    return join(this.path, `${name}.earlier`);
  }

  #takesOf(name: string): string {
    return join(this.path, `${name}-takes`);
  }

  async #read(name: string): Promise<OwnKeyword | null> {
    const path = this.pathOf(name);
    if (!/^[a-z0-9][a-z0-9_-]*$/.test(name)) return null;
    const found = await stat(path).catch(() => null);
    if (found === null || !found.isFile()) return null;
    return readOwnKeyword(path);
  }
}

/**
 * Reads keywords from files, and from all `.json` files of folders.
 *
 * @throws WakegateError WG_KEYWORD_INVALID
 */
export async function readOwnKeywords(paths: readonly string[]): Promise<OwnKeyword[]> {
  const keywords: OwnKeyword[] = [];
  for (const path of paths) {
    const names = await readdir(path).catch(() => null);
    const files = names?.filter((name) => name.endsWith('.json')).sort() ?? [''];
    for (const name of files) keywords.push(await readOwnKeyword(name ? join(path, name) : path));
  }
  return keywords;
}

async function readOwnKeyword(path: string): Promise<OwnKeyword> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) {
    throw new WakegateError(
      'WG_KEYWORD_INVALID',
      `${path} is no file that can be read: name a keyword's file, such as keywords/hey_kitchen.json`,
    );
  }
  if (found.size > MOST_KEYWORD_BYTES) {
    throw new WakegateError(
      'WG_KEYWORD_INVALID',
      `${path} is larger than any keyword: add the keyword again`,
    );
  }
  return parseOwnKeyword(await readText(path), path);
}

/** The pack with those keywords that fit it, and what is wrong with the others, in sentences. */
export function withFittingKeywords(
  pack: ModelPack,
  keywords: readonly OwnKeyword[],
): { readonly pack: ModelPack; readonly problems: string[] } {
  const problems: string[] = [];
  let joined = withOwnKeywords(pack, []);
  for (const keyword of keywords) {
    try {
      checkFits(keyword, pack);
      joined = withOwnKeywords(joined, [...(joined.own ?? []), keyword]);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return { pack: joined, problems };
}

/** Files of takes in a folder, take-1 first; none where there is no such folder. */
export async function takesIn(folder: string): Promise<string[]> {
  const files = (await readdir(folder).catch(() => [])).filter((file) => /^take-\d+\./.test(file));
  const numberOf = (file: string) => Number.parseInt(file.slice('take-'.length), 10);
  return files.sort((a, b) => numberOf(a) - numberOf(b)).map((file) => join(folder, file));
}
