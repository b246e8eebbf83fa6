import type { Logger } from 'pino';
import { WakegateError } from '../errors.js';
import { type KeywordFolder, type OwnKeyword, parseOwnKeyword, withOwnKeywords } from '../model/index.js';
import { SerialQueue } from '../serial-queue.js';
import type { PackChanges } from './pack-changes.js';
import type { SwitchingListener } from './switching-listener.js';

export interface OwnKeywordsOptions {
  readonly folder: KeywordFolder;
  readonly listener: SwitchingListener;
  readonly packs: PackChanges;
  readonly logger: Logger;
}

/** Keywords of the user's own, added and removed while the daemon listens: the pack with other keywords takes over as another pack does. */
export class OwnKeywords {
  readonly #options: OwnKeywordsOptions;
  readonly #changes = new SerialQueue();

  constructor(options: OwnKeywordsOptions) {
    this.#options = options;
  }

  get folder(): KeywordFolder {
    return this.#options.folder;
  }

  /**
   * Adds or replaces a keyword; resolves when it is listened for.
   *
   * @param text of its file
   * @throws WakegateError WG_KEYWORD_INVALID, WG_BUSY, WG_STATE_UNUSABLE; then nothing has changed
   */
  put(name: string, text: string): Promise<OwnKeyword> {
    return this.#changes.add(async () => {
      const keyword = parseOwnKeyword(text, `keyword ${name}`);
      if (keyword.name !== name) {
        throw new WakegateError(
          'WG_KEYWORD_INVALID',
          `the file is of keyword ${keyword.name}, not of ${name}`,
        );
      }
      const { folder, listener, packs, logger } = this.#options;
      const own = (listener.current.pack.own ?? []).filter((other) => other.name !== name);
      withOwnKeywords(listener.current.pack, [...own, keyword]);
      const before = await folder.get(name).catch(() => null);
      await folder.write(keyword);
      try {
        await packs.reload();
      } catch (error) {
        if (before) await folder.write(before);
        else await folder.remove(name);
        throw error;
      }
      logger.info({ name }, `Keyword "${name}" added`);
      return keyword;
    });
  }

  /** @throws WakegateError WG_UNKNOWN_NAME, WG_BUSY, WG_STATE_UNUSABLE; then nothing has changed */
  remove(name: string): Promise<void> {
    return this.#changes.add(async () => {
      const { folder, packs, logger } = this.#options;
      const before = await folder.get(name);
      await folder.remove(name);
      try {
        await packs.reload();
      } catch (error) {
        await folder.write(before);
        throw error;
      }
      logger.info({ name }, `Keyword "${name}" removed`);
    });
  }
}
