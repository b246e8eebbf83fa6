import type { MuteStatus } from '../protocol/index.js';
import type { DaemonInput } from './input.js';

/** Mutes the input, for a set time or until it is unmuted. */
export class Muting {
  readonly #input: Pick<DaemonInput, 'mute' | 'unmute' | 'status'>;
  #unmuting: { readonly timer: NodeJS.Timeout; readonly untilMs: number } | null = null;

  constructor(input: Pick<DaemonInput, 'mute' | 'unmute' | 'status'>) {
    this.#input = input;
  }

  status(): MuteStatus {
    const muted = this.#input.status.state === 'muted';
    const ends = muted && this.#unmuting !== null;
    return { muted, mutedUntil: ends ? new Date(this.#unmuting!.untilMs).toISOString() : null };
  }

  /** Resolves when the microphone has been released; null for no set time. */
  async mute(seconds: number | null): Promise<MuteStatus> {
    this.#forgetUnmuting();
    if (seconds !== null) {
      const timer = setTimeout(() => this.unmute(), seconds * 1000).unref();
      this.#unmuting = { timer, untilMs: Date.now() + seconds * 1000 };
    }
    await this.#input.mute();
    return this.status();
  }

  unmute(): MuteStatus {
    this.#forgetUnmuting();
    this.#input.unmute();
    return this.status();
  }

  /** What is muted stays so. */
  close(): void {
    this.#forgetUnmuting();
  }

  #forgetUnmuting(): void {
    clearTimeout(this.#unmuting?.timer);
    this.#unmuting = null;
  }
}
