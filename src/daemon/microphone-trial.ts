import { type MicrophoneOptions, MicrophoneSource, requireRecorder } from '../audio/index.js';

/** Finds out whether a microphone gives sound, one at a time. Nothing of the sound is kept. */
export class MicrophoneTrial {
  #source: MicrophoneSource | null = null;

  /**
   * Resolves when the recorder has given sound and has ended again, or when it was closed.
   *
   * @throws WakegateError WG_RECORDER_MISSING, WG_RECORDER_FAILED; WG_USAGE for options that cannot be
   */
  async hear(options: MicrophoneOptions): Promise<void> {
    const source = new MicrophoneSource(options);
    this.#source = source;
    try {
      for await (const _ of source) break;
    } finally {
      this.#source = null;
    }
  }

  /** Whether it could be recorded, as far as that can be said without recording. @throws as {@link hear} does */
  check(options: MicrophoneOptions): void {
    new MicrophoneSource(options);
    requireRecorder(options.recorder);
  }

  /** Resolves when the recorder has ended, where one runs. */
  async close(): Promise<void> {
    await this.#source?.close();
  }
}
