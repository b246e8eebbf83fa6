import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { type Config, checkHookKeywords, configureKeywords } from '../config/index.js';
import { KeywordFolder, type ModelPack, readPack, resolvePack } from '../model/index.js';
import { type Access, configuredToken, type Token } from '../server/index.js';
import { DaemonCaptures, type StoredCaptures } from './captures.js';
import { ChosenMicrophone, type StoredMicrophone } from './chosen-microphone.js';
import { joinKeywords } from './join-keywords.js';
import { DaemonKeywords } from './keywords.js';
import { PeakRing } from './peak-ring.js';
import { StateDirectory, stateDirectoryOf } from './state-directory.js';
import { makesToken, tokenFileOf } from './token-file.js';

/** What a daemon is made of. */
export interface Requirements {
  readonly access: Access;
  readonly pack: ModelPack;
  readonly keywords: DaemonKeywords;
  readonly state: StateDirectory;
  /** Whether to capture, as it was last set. */
  readonly captures: StoredCaptures;
  readonly peaks: PeakRing;
  /** Which one to listen to, as it was last chosen. */
  readonly microphone: StoredMicrophone;
}

/**
 * Reads and checks all that a daemon is made of. Nothing is opened, started or written.
 *
 * @param state by default only looked at
 *
 * @throws WakegateError WG_MODEL_NOT_FOUND, WG_MODEL_INVALID; WG_CONFIG_INVALID for keywords that the pack does not have;
 *   WG_TOKEN_UNUSABLE, WG_STATE_UNUSABLE
 */
export async function readRequirements(
  config: Config,
  logger?: Logger,
  state = new StateDirectory(stateDirectoryOf(config)),
): Promise<Requirements> {
  const access: Access = {
    token: await tokenOf(config, logger),
    loopbackToken: config.loopbackToken === 'on',
    allowedOrigins: config.allowedOrigins,
    allowedHosts: config.allowedHosts,
  };
  const read = await readPack(await resolvePack(config.model));
  const pack = await joinKeywords(read, new KeywordFolder(state.path), logger);
  configureKeywords(pack.keywords, config.keywords); // refuses settings of keywords that it does not have
  checkHookKeywords(pack.keywords, config.hooks);
  const keywords = await DaemonKeywords.open(pack, config.keywords, state);
  const captures = await DaemonCaptures.readStored(state);
  const peaks = await PeakRing.open(state);
  const microphone = await ChosenMicrophone.readStored(state, logger);
  return { access, pack, keywords, state, captures, peaks, microphone };
}

/** null where there is none, and where the daemon is going to make it. */
async function tokenOf(config: Config, logger?: Logger): Promise<Token | null> {
  const file = tokenFileOf(config);
  if (file === undefined) return configuredToken(config, logger);
  return makesToken(config) && !existsSync(file)
    ? null
    : configuredToken({ ...config, tokenFile: file }, logger);
}
