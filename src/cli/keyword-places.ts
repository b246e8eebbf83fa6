import { join } from 'node:path';
import { type Config, loadConfig } from '../config/index.js';
import { stateDirectoryOf } from '../daemon/state-directory.js';
import { WakegateError } from '../errors.js';
import {
  formatOwnKeyword,
  KeywordFolder,
  type ModelPack,
  type OwnKeyword,
  readPack,
  resolvePack,
} from '../model/index.js';
import { givenFlags } from './config-flags.js';
import { withDaemon } from './daemon-client.js';
import type { KeywordOptions } from './keyword-options.js';

/** Where keywords are kept, and the pack that they are for. */
export interface KeywordPlaces {
  readonly config: Config;
  readonly state: string;
  readonly folder: KeywordFolder;
  /** Of what is recorded, until the keyword is made. */
  readonly recorded: string;
  readonly cache: string;
}

const KEYS = ['model', 'stateDirectory', 'recorder', 'device'] as const;

export async function placesOf(options: KeywordOptions): Promise<KeywordPlaces> {
  const config = await loadConfig({ file: options.config, flags: givenFlags({ ...options }, KEYS) });
  const state = stateDirectoryOf(config);
  return {
    config,
    state,
    folder: new KeywordFolder(state),
    recorded: join(state, 'keyword-recordings'),
    cache: join(state, 'cache'),
  };
}

export async function packOf({ config }: KeywordPlaces): Promise<ModelPack> {
  return readPack(await resolvePack(config.model));
}

/**
 * Has the running daemon listen for a keyword, or leaves it for the next start.
 *
 * @returns whether a daemon listens for it now
 */
export async function listenFor(
  keyword: OwnKeyword,
  { folder }: KeywordPlaces,
  options: KeywordOptions,
): Promise<boolean> {
  try {
    const file = JSON.parse(formatOwnKeyword(keyword)) as object;
    await withDaemon(options, (daemon) => daemon.putKeyword(keyword.name, file));
    return true;
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    await folder.write(keyword);
    return false;
  }
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof WakegateError && error.code === 'WG_SERVICE_UNREACHABLE';
}
