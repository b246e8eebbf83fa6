import type { Logger } from 'pino';
import { WakegateError } from '../errors.js';
import { type InstalledPacks, type ModelPack, readPack } from '../model/index.js';
import type { ModelInfo } from '../protocol/index.js';
import { SerialQueue } from '../serial-queue.js';
import type { DaemonInput } from './input.js';
import type { LoadedPack } from './loaded-pack.js';
import type { SwitchingListener } from './switching-listener.js';

export interface PackChangesOptions {
  readonly installed: InstalledPacks;
  readonly listener: SwitchingListener;
  readonly input: Pick<DaemonInput, 'status'>;
  /** Makes a pack ready to listen with. */
  readonly load: (pack: ModelPack) => LoadedPack;
  readonly logger: Logger;
}

/** The model packs that could be listened with, and changes to another, one after the other. */
export class PackChanges {
  readonly #options: PackChangesOptions;
  readonly #changes = new SerialQueue();
  #closed = false;

  constructor(options: PackChangesOptions) {
    this.#options = options;
  }

  async list(): Promise<ModelInfo[]> {
    const { installed, listener } = this.#options;
    const inUse = listener.current.pack.directory;
    const packs = await installed.list();
    return packs.map(({ directory, ...pack }) => ({ ...pack, inUse: directory === inUse }));
  }

  /**
   * Resolves when the pack of that id listens.
   *
   * @throws WakegateError WG_UNKNOWN_NAME, and whatever is wrong with the pack; then nothing has changed
   */
  change(id: string): Promise<ModelInfo> {
    return this.#changes.add(() => this.#change(id));
  }

  /** Refuses all further changes; resolves when none is in progress. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#changes.settled();
  }

  async #change(id: string): Promise<ModelInfo> {
    const { installed, listener, input, load, logger } = this.#options;
    const pack = await readPack(await installed.directoryOf(id));
    const loaded = load(pack);
    try {
      await loaded.selfTest();
      if (this.#closed) throw new WakegateError('WG_CLASSIFIER_CLOSED', 'the daemon is stopping');
      const { state } = input.status;
      await listener.switchTo(loaded, state === 'listening' || state === 'restored');
    } catch (error) {
      await loaded.release();
      throw error;
    }
    logger.info({ id, name: pack.name }, `Listening with model pack "${pack.name}"`);
    return (await this.list()).find(({ inUse }) => inUse)!;
  }
}
