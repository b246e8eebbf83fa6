import { isDeepStrictEqual } from 'node:util';
import {
  type Config,
  configureKeywords,
  type KeywordConfig,
  KeywordConfigSchema,
  nearest,
} from '../config/index.js';
import { WakegateError } from '../errors.js';
import type { KeywordSettings, ModelPack } from '../model/index.js';
import type { Listener } from '../pipeline.js';
import type { KeywordChange, KeywordInfo } from '../protocol/index.js';
import { type Static, Type } from '../schema/index.js';
import { WriteBatches } from '../write-batches.js';
import type { StateDirectory } from './state-directory.js';

/** By the pack's name, then the keyword's: the same word has other thresholds in another pack. */
const StoredSchema = Type.Record(
  Type.String(),
  Type.Record(Type.String(), Type.Object(KeywordConfigSchema.properties)),
);
// A later release may have settings that are not known here: they stay, and mean nothing.
type Stored = Static<typeof StoredSchema>;

const FILE = 'keywords';

interface Change {
  /** Name of the pack whose keyword it is. */
  readonly pack: string;
  readonly name: string;
  readonly change: KeywordChange;
}

/**
 * The keywords of the pack as they are listened for: the pack's own settings, overridden by the
 * configuration, overridden by what was changed while the daemon ran. Changes reach every listener that is
 * attached, and outlive the process.
 */
export class DaemonKeywords {
  #pack: ModelPack;
  #configured: Config['keywords'];
  /** Of the pack that these are for. */
  readonly #configuredPack: Pick<ModelPack, 'directory' | 'keywords'>;
  readonly #state: StateDirectory;
  readonly #listeners = new Set<Listener>();
  #stored: Stored;
  readonly #changes = new WriteBatches<Change>((changes) => this.#write(changes));

  static async open(
    pack: ModelPack,
    configured: Config['keywords'],
    state: StateDirectory,
  ): Promise<DaemonKeywords> {
    const stored = (await state.read(FILE, StoredSchema)) ?? {};
    return new DaemonKeywords(pack, configured, state, stored);
  }

  private constructor(
    pack: ModelPack,
    configured: Config['keywords'],
    state: StateDirectory,
    stored: Stored,
  ) {
    this.#pack = pack;
    this.#configured = configured;
    this.#configuredPack = { directory: pack.directory, keywords: pack.keywords };
    this.#state = state;
    this.#stored = stored;
  }

  /** Those of the pack that is listened with, or of another. */
  list(pack: ModelPack = this.#pack): KeywordInfo[] {
    return pack.keywords.map((keyword) => this.#info(keyword, pack));
  }

  /** @throws WakegateError WG_UNKNOWN_NAME */
  named(name: string): KeywordInfo {
    const keyword = this.#pack.keywords.find((candidate) => candidate.name === name);
    if (keyword === undefined) throw unknownKeyword(name, this.#pack);
    return this.#info(keyword);
  }

  /** What a keyword is called for people. */
  labelOf(name: string): string {
    return this.#changed(name).label ?? this.#configuredOf(name).label ?? name;
  }

  /** Another pack is listened with. Listeners of the previous one get no more changes. */
  usePack(pack: ModelPack): void {
    this.#pack = pack;
    this.#listeners.clear();
  }

  /** Passes every change on to a listener, until it is detached. */
  attach(listener: Listener): void {
    this.#listeners.add(listener);
  }

  detach(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /**
   * Takes other settings of the configuration, from now on; what was changed while the daemon ran stays over them.
   *
   * @returns the keywords that are listened for in another way now
   * @throws WakegateError WG_CONFIG_INVALID for keywords that the pack does not have, and then nothing has changed
   */
  configure(configured: Config['keywords']): KeywordInfo[] {
    configureKeywords(this.#configuredPack.keywords, configured);
    const before = this.list();
    this.#configured = configured;
    const changed = this.list().filter((info, i) => !isDeepStrictEqual(info, before[i]));
    for (const info of changed) this.#tell(info);
    return changed;
  }

  /**
   * Changes a keyword's settings, here and on disk.
   *
   * @throws WakegateError WG_UNKNOWN_NAME; WG_STATE_UNUSABLE, and then nothing has changed
   */
  async change(name: string, change: KeywordChange): Promise<KeywordInfo> {
    const pack = this.#pack;
    const keyword = pack.keywords.find((candidate) => candidate.name === name);
    if (keyword === undefined) throw unknownKeyword(name, pack);
    await this.#changes.add({ pack: pack.name, name, change });
    const info = this.#info(keyword, pack);
    // Unless another pack is listened with by now.
    if (pack === this.#pack) this.#tell(info);
    return info;
  }

  /** Writes the changes that wait, and takes no more. */
  close(): Promise<void> {
    return this.#changes.close();
  }

  /** Each change builds on what the one before it has left. */
  async #write(changes: readonly Change[]): Promise<void> {
    let stored = this.#stored;
    for (const { pack, name, change } of changes) {
      const merged = Object.entries({ ...stored[pack]?.[name], ...change }).filter(
        ([, value]) => value !== null,
      );
      stored = { ...stored, [pack]: { ...stored[pack], [name]: Object.fromEntries(merged) } };
    }
    await this.#state.write(FILE, stored);
    this.#stored = stored;
  }

  #tell(info: KeywordInfo): void {
    for (const listener of this.#listeners) listener.setKeyword(info);
  }

  #info(keyword: KeywordSettings, pack = this.#pack): KeywordInfo {
    const { name } = keyword;
    const configured = this.#configuredOf(name, pack);
    const changed = this.#changed(name, pack);
    const { threshold, patience, enabled } = { enabled: true, ...keyword, ...configured, ...changed };
    const own = pack.own?.find((one) => one.name === name);
    return {
      name,
      label: changed.label ?? configured.label ?? name,
      enabled,
      threshold,
      patience,
      defaultThreshold: configured.threshold ?? keyword.threshold,
      changed: Object.keys(changed).length > 0,
      own: own ? { phrase: own.phrase, made: own.made, forecast: own.forecast } : null,
    };
  }

  /** The configuration speaks of the pack that it names: thresholds for it would be wrong for any other. */
  #configuredOf(name: string, pack = this.#pack): KeywordConfig {
    return pack.directory === this.#configuredPack.directory ? (this.#configured[name] ?? {}) : {};
  }

  #changed(name: string, pack = this.#pack): KeywordConfig {
    return this.#stored[pack.name]?.[name] ?? {};
  }
}

function unknownKeyword(name: string, { keywords }: ModelPack): WakegateError {
  const names = keywords.map((keyword) => keyword.name);
  const meant = nearest(name, names);
  const remedy = meant === null ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
  return new WakegateError('WG_UNKNOWN_NAME', `there is no keyword ${name} in this model pack; ${remedy}`);
}
