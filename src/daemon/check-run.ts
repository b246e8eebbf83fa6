import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { chooseRecorder, hasMicrophone, MicrophoneSource, openInput } from '../audio/index.js';
import { checkBackend } from '../classifier/index.js';
import type { Config } from '../config/index.js';
import { asWakegateError, WakegateError } from '../errors.js';
import { openExtractor } from '../features/index.js';
import { isRemote } from '../fleet/broker-url.js';
import { checkFree, isTaken, WYOMING_PLACE } from '../network/index.js';
import type { KeywordInfo } from '../protocol/index.js';
import { checkPort } from '../server/index.js';
import { wantsFleet } from './fleet-settings.js';
import { readRequirements } from './requirements.js';
import { StateLock } from './state-lock.js';

/** What a daemon with these settings would be. */
export interface RunCheck {
  /** Name of the model pack. */
  readonly pack: string;
  readonly keywords: readonly KeywordInfo[];
  /** What is wrong with its state, its hooks or its Wyoming server, but does not keep it from running. */
  readonly problems: readonly string[];
  /** Whether wakegate serves on that port already. */
  readonly isRunning: boolean;
}

/**
 * Finds whatever would keep a daemon with these settings from starting or from hearing and remembering anything, for the user that
 * asks. Nothing is listened to, served or written.
 *
 * @throws WakegateError the first fault: the daemon's own, in the same words
 */
export async function checkRun(config: Config): Promise<RunCheck> {
  const { pack, keywords, state } = await readRequirements(config);
  const hookProblems =
    Object.keys(config.hooks).length === 0
      ? []
      : await (await import('../bridges/hooks/index.js')).checkHooks(config.hooks);
  await checkStateDirectory(state.path);
  openExtractor(config.mfcc, pack.features);
  if (config.backend !== 'auto' && !isRemote(config)) await checkBackend(config.backend);
  if (config.mqttUrl !== undefined)
    await (await import('../bridges/mqtt/settings.js')).readMqttSettings(config);
  if (wantsFleet(config)) await (await import('./fleet.js')).checkFleet(config);
  await checkInput(config);
  const isRunning = (await checkPort(config.host, config.port)) === 'taken by wakegate';
  if (!isRunning) await StateLock.check(state.path);
  return {
    pack: pack.name,
    keywords: keywords.list(),
    problems: [...state.problems, ...hookProblems, ...(await wyomingProblems(config, isRunning))],
    isRunning,
  };
}

/** @param isRunning whether the port may be taken by a daemon with the same settings */
async function wyomingProblems(
  { wyoming, wyomingHost, wyomingPort, host, port }: Config,
  isRunning: boolean,
): Promise<string[]> {
  if (wyoming === 'off') return [];
  const overlap =
    wyomingHost === host || [wyomingHost, host].some((one) => one === '0.0.0.0' || one === '::');
  if (wyomingPort === port && port !== 0 && overlap) {
    return [
      `wyomingPort and port are both ${port}: give the Wyoming server a port of its own, such as 10400`,
    ];
  }
  try {
    await checkFree(wyomingHost, wyomingPort, WYOMING_PLACE);
    return [];
  } catch (error) {
    return isRunning && isTaken(error) ? [] : [(error as Error).message];
  }
}

/** The first write makes it, with the folders above it. */
async function checkStateDirectory(path: string): Promise<void> {
  for (let place = path; ; place = dirname(place)) {
    try {
      if (!(await stat(place)).isDirectory())
        throw new WakegateError('WG_STATE_UNUSABLE', `${place} is not a folder`);
      await access(place, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && place !== dirname(place)) continue;
      throw new WakegateError(
        'WG_STATE_UNUSABLE',
        `changes cannot be kept in ${path}: ${(error as Error).message}; give the folder to the user that wakegate runs as, ` +
          'or name another one with --state-directory',
        { cause: error },
      );
    }
  }
}

async function checkInput({
  input,
  recorder,
  device,
  rate,
  channels,
  channel,
}: Pick<Config, 'input' | 'recorder' | 'device' | 'rate' | 'channels' | 'channel'>): Promise<void> {
  const named = device === undefined ? {} : { device };
  if (input === 'mic' || (input === 'auto' && (await hasMicrophone({ recorder, ...named })))) {
    const { program } = await chooseRecorder(recorder);
    new MicrophoneSource({ recorder: program, ...named, rate, channels, channel });
    return;
  }
  if (input === 'auto') return; // the bundled sample is played
  const source = openInput(input, { stdin: { rate, channels, channel } });
  if (input === '-' || (await isSpecial(input))) return; // what is read of it would be gone
  try {
    for await (const _ of source) break;
  } catch (error) {
    throw asWakegateError(error, 'WG_AUDIO_INVALID', `${input} cannot be played`);
  } finally {
    await source.close();
  }
}

/** A pipe, or a device. */
function isSpecial(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => !status.isFile() && !status.isDirectory(),
    () => false,
  );
}
