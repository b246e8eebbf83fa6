import type { Logger } from 'pino';
import { findRecorder } from '../audio/index.js';
import type { Config } from '../config/index.js';
import { WakegateError } from '../errors.js';
import type { MicrophoneChoice, MicrophoneInUse } from '../protocol/index.js';
import { MicrophoneInUseSchema } from '../protocol/schemas/setup.js';
import { type Static, Type } from '../schema/index.js';
import type { DaemonInput, MicrophoneSettings } from './input.js';
import type { StateDirectory } from './state-directory.js';

const StoredSchema = Type.Object({
  recorder: Type.Optional(MicrophoneInUseSchema.properties.recorder),
  device: Type.Optional(Type.String()),
});
/** What was chosen while the daemon ran; nothing was where there is no recorder. */
export type StoredMicrophone = Static<typeof StoredSchema>;

const FILE = 'microphone';

export interface ChosenMicrophoneOptions {
  /** As the settings are, whatever was chosen. */
  readonly config: Pick<Config, 'input' | 'recorder' | 'device'>;
  readonly input: DaemonInput;
  readonly state: StateDirectory;
  readonly logger: Logger;
}

/**
 * Which microphone is listened to: the one of the settings, or one that was chosen while the daemon ran, which outlives the
 * process. One that gives no sound is not taken.
 */
export class ChosenMicrophone {
  readonly #options: ChosenMicrophoneOptions;
  #stored: StoredMicrophone;
  #isChoosing = false;

  /** What was chosen, as long as the program that records it is installed. */
  static async readStored(state: StateDirectory, logger?: Logger): Promise<StoredMicrophone> {
    const stored = (await state.read(FILE, StoredSchema)) ?? {};
    if (stored.recorder === undefined || findRecorder(stored.recorder) !== null) return stored;
    logger?.warn(`${stored.recorder} is not installed any more, so the microphone of the settings is used`);
    return {};
  }

  constructor(options: ChosenMicrophoneOptions, stored: StoredMicrophone) {
    this.#options = options;
    this.#stored = stored;
  }

  /** Settings as they would be had it been chosen there. */
  withChoice(config: Config): Config {
    const { device: _, ...others } = config;
    return { ...others, ...microphoneOf(config, this.#stored) };
  }

  get inUse(): MicrophoneInUse {
    const { config, input } = this.#options;
    const { recorder, device = null } = microphoneOf(config, this.#stored);
    return { name: input.status.name, recorder, device, isChosen: this.#stored.recorder !== undefined };
  }

  /**
   * Listens to another one, for good; null for that of the settings. While it is muted nothing is recorded, so the other
   * one is not tried before it is unmuted.
   *
   * @throws WakegateError WG_RECORDER_FAILED where it gives no sound, WG_RECORDER_MISSING, WG_USAGE, WG_STATE_UNUSABLE,
   *   WG_BUSY; WG_REQUEST_INVALID where the input is no microphone. Then nothing has changed
   */
  async choose(choice: MicrophoneChoice | null): Promise<MicrophoneInUse> {
    const { input } = this.#options.config;
    if (input !== 'auto' && input !== 'mic') {
      const what = input === '-' ? 'audio on stdin' : input;
      throw new WakegateError(
        'WG_REQUEST_INVALID',
        `the input is ${what}, not a microphone: set input to mic, and start the daemon again`,
      );
    }
    if (this.#isChoosing) {
      throw new WakegateError('WG_BUSY', 'another microphone is being tried: try again later');
    }
    this.#isChoosing = true;
    try {
      await this.#change(choice);
    } finally {
      this.#isChoosing = false;
    }
    return this.inUse;
  }

  async #change(choice: MicrophoneChoice | null): Promise<void> {
    const { config, input, state, logger } = this.#options;
    const before = microphoneOf(config, this.#stored);
    const stored: StoredMicrophone = choice === null ? {} : { recorder: before.recorder, ...choice };
    const next = microphoneOf(config, stored);
    const isSame = next.recorder === before.recorder && next.device === before.device && input.isMicrophone;
    if (!isSame) await input.tryMicrophone(next);
    await state.write(FILE, stored);
    this.#stored = stored;
    if (isSame) return;
    await input.useMicrophone(next);
    logger.info({ ...next }, `${input.status.name} was chosen`);
  }
}

/** The microphone of the settings, or the one that was chosen in its place. */
export function microphoneOf(
  { recorder, device }: MicrophoneSettings,
  stored: StoredMicrophone,
): MicrophoneSettings {
  if (stored.recorder === undefined) return { recorder, ...(device !== undefined && { device }) };
  return { recorder: stored.recorder, ...(stored.device !== undefined && { device: stored.device }) };
}
