import type { Logger } from 'pino';
import { WakegateError } from '../errors.js';
import { type InstalledPacks, type KeywordFolder, type ModelPack, readPack } from '../model/index.js';
import type { ModelInfo } from '../protocol/index.js';
import { SerialQueue } from '../serial-queue.js';
import type { DaemonInput } from './input.js';
import { joinKeywords } from './join-keywords.js';
import type { LoadedPack } from './loaded-pack.js';
import type { SwitchingListener } from './switching-listener.js';

export interface PackChangesOptions {
  readonly installed: InstalledPacks;
  /** The user's own keywords, which every pack is joined with. */
  readonly folder: KeywordFolder;
  readonly listener: SwitchingListener;
  readonly input: Pick<DaemonInput, 'status'>;
  /** Makes a pack ready to listen with. */
  readonly load: (pack: ModelPack) => LoadedPack;
  readonly logger: Logger;
}

/** Changes at a time: one that is made, and those that wait for it. */
const MAX_CHANGES = 4;
/** Packs that are in memory at a time: the one in use, and those that requests and streams keep. */
const MAX_PACKS = 4;

/** The model packs that could be listened with, and changes to another, one after the other. */
export class PackChanges {
  readonly #options: PackChangesOptions;
  readonly #changes = new SerialQueue();
  /** The pack that is tried out, if one is. */
  #trying: LoadedPack | null = null;
  #pending = 0;
  /** Packs that were in use before, as far as somebody keeps them. */
  #before: LoadedPack[] = [];
  #listing: Promise<ModelInfo[]> | null = null;
  /** The newest that was read for a file. */
  #borrowed: LoadedPack | null = null;
  #isBorrowing = false;
  #closed = false;

  constructor(options: PackChangesOptions) {
    this.#options = options;
  }

  /** Who asks while others have asked already gets what they get: it is read from the disk. */
  list(): Promise<ModelInfo[]> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = null;
    });
    return this.#listing;
  }

  async #list(): Promise<ModelInfo[]> {
    const { installed, listener } = this.#options;
    const inUse = listener.current.pack.directory;
    const packs = await installed.list();
    return packs.map(({ directory, ...pack }) => ({ ...pack, inUse: directory === inUse }));
  }

  /**
   * Resolves when the pack of that id listens.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, and whatever is wrong with the pack; WG_BUSY, WG_CLASSIFIER_CLOSED; then
   *   nothing has changed
   */
  async change(id: string): Promise<ModelInfo> {
    await this.#inTurn(async () => {
      const { installed, logger } = this.#options;
      const pack = await readPack(await installed.directoryOf(id));
      await this.#listenWith(pack);
      logger.info({ id, name: pack.name }, `Listening with model pack "${pack.name}"`);
    });
    return (await this.#list()).find(({ inUse }) => inUse)!;
  }

  /**
   * Resolves when the pack listens with the keywords that the folder holds by now.
   *
   * @throws WakegateError WG_BUSY, WG_CLASSIFIER_CLOSED; then nothing has changed
   */
  reload(): Promise<void> {
    return this.#inTurn(() => this.#listenWith(this.#options.listener.current.pack));
  }

  async #inTurn(change: () => Promise<void>): Promise<void> {
    this.#throwIfClosed();
    if (this.#pending >= MAX_CHANGES) {
      throw new WakegateError(
        'WG_BUSY',
        `${MAX_CHANGES} changes of the model pack are waiting: try again later`,
      );
    }
    this.#pending++;
    try {
      await this.#changes.add(change);
    } finally {
      this.#pending--;
    }
  }

  /**
   * A pack for one file, which whoever asks releases in the end: the one in use, or one that is read for it. One of
   * those is read at a time.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, and whatever is wrong with the pack; WG_BUSY
   */
  async borrow(id: string): Promise<LoadedPack> {
    const { installed, folder, listener, load, logger } = this.#options;
    const directory = await installed.directoryOf(id);
    this.#throwIfClosed();
    if (directory === listener.current.pack.directory) {
      listener.current.retain();
      return listener.current;
    }
    if (this.#borrowed?.inUse || this.#isBorrowing) {
      throw new WakegateError(
        'WG_BUSY',
        'another file is being heard with another model pack: try again later',
      );
    }
    this.#isBorrowing = true;
    try {
      const loaded = load(await joinKeywords(await readPack(directory), folder, logger));
      this.#borrowed = loaded;
      return loaded;
    } finally {
      this.#isBorrowing = false;
    }
  }

  /** Refuses all further changes, those that wait among them; resolves when none is in progress. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#trying?.classifier.close();
    await this.#borrowed?.classifier.close();
    await this.#changes.settled();
  }

  async #listenWith(pack: ModelPack): Promise<void> {
    const { folder, listener, input, load, logger } = this.#options;
    this.#throwIfManyAreKept();
    const joined = await joinKeywords(pack, folder, logger);
    this.#throwIfClosed();
    const loaded = load(joined);
    this.#trying = loaded;
    try {
      await loaded.selfTest();
      this.#throwIfClosed();
      const { state } = input.status;
      const before = listener.current;
      await listener.switchTo(loaded, state === 'listening' || state === 'restored');
      this.#before.push(before);
    } catch (error) {
      await loaded.release();
      throw error;
    } finally {
      this.#trying = null;
    }
  }

  #throwIfManyAreKept(): void {
    this.#before = this.#before.filter(({ inUse }) => inUse);
    if (this.#before.length < MAX_PACKS - 1) return;
    throw new WakegateError(
      'WG_BUSY',
      `streams and requests still use ${this.#before.length} model packs from before: end them, or try again later`,
    );
  }

  #throwIfClosed(): void {
    if (this.#closed) throw new WakegateError('WG_CLASSIFIER_CLOSED', 'the daemon is stopping');
  }
}
