import type { MuteStatus } from '../protocol/index.js';
import type { DaemonInput } from './input.js';

/** Mutes the input, for a set time or until it is unmuted. */
export class Muting {
  readonly #input: Pick<DaemonInput, 'mute' | 'unmute' | 'status'>;
  /** When it ends: by a clock that nobody sets, and on the wall clock. */
  #unmuting: { readonly timer: NodeJS.Timeout; readonly endsMs: number; untilMs: number } | null = null;

  constructor(input: Pick<DaemonInput, 'mute' | 'unmute' | 'status'>) {
    this.#input = input;
  }

  status(): MuteStatus {
    const muted = this.#input.status.state === 'muted';
    const ends = muted && this.#unmuting !== null;
    if (!ends) return { muted, mutedUntil: null };
    const unmuting = this.#unmuting!;
    const untilMs = Date.now() + unmuting.endsMs - performance.now();
    // The wall clock has been set.
    if (Math.abs(untilMs - unmuting.untilMs) > 1000) unmuting.untilMs = untilMs;
    return { muted, mutedUntil: new Date(unmuting.untilMs).toISOString() };
  }

  /** Resolves when the microphone has been released; null for no set time. */
  async mute(seconds: number | null): Promise<MuteStatus> {
    this.#forgetUnmuting();
    if (seconds !== null) {
      const ms = seconds * 1000;
      const timer = setTimeout(() => this.unmute(), ms).unref();
      this.#unmuting = { timer, endsMs: performance.now() + ms, untilMs: Date.now() + ms };
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
