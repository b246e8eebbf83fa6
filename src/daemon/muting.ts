import { WakegateError } from '../errors.js';
import type { MuteStatus } from '../protocol/index.js';
import type { DaemonInput } from './input.js';

/** One that wants it muted. */
interface Hold {
  /** Ends it; undefined where it does not end by itself. */
  readonly timer: NodeJS.Timeout | undefined;
  /** When it ends by a clock that nobody sets; infinite where it does not. */
  readonly endsMs: number;
}

/** People, by whatever way they mute. */
const PEOPLE = '';
/** Others that may mute at a time: players, satellites. */
const MOST_OTHERS = 16;

/**
 * Mutes the input as long as anyone wants it muted: people, or something that plays in the room, each for a set time or
 * until it is unmuted. So a player that ends does not unmute what people have muted.
 */
export class Muting {
  readonly #input: Pick<DaemonInput, 'mute' | 'unmute' | 'status'>;
  readonly #holds = new Map<string, Hold>();
  /** When it ends, on the wall clock; kept, so that it is the same each time it is asked for. */
  #untilMs: number | null = null;

  constructor(input: Pick<DaemonInput, 'mute' | 'unmute' | 'status'>) {
    this.#input = input;
  }

  status(): MuteStatus {
    const muted = this.#input.status.state === 'muted';
    const endsMs = Math.max(...[...this.#holds.values()].map((hold) => hold.endsMs));
    if (!muted || !Number.isFinite(endsMs)) return { muted, mutedUntil: null };
    const untilMs = Date.now() + endsMs - performance.now();
    // It ends at another time than before, or the wall clock has been set.
    if (this.#untilMs === null || Math.abs(untilMs - this.#untilMs) > 1000) this.#untilMs = untilMs;
    return { muted, mutedUntil: new Date(this.#untilMs).toISOString() };
  }

  /**
   * Resolves when the microphone has been released.
   *
   * @param seconds null for no set time
   * @param by who wants it; people by default
   * @throws WakegateError WG_BUSY where too many others want it
   */
  async mute(seconds: number | null, by = PEOPLE): Promise<MuteStatus> {
    const others = [...this.#holds.keys()].filter((name) => name !== PEOPLE);
    if (by !== PEOPLE && !others.includes(by) && others.length >= MOST_OTHERS) {
      throw new WakegateError(
        'WG_BUSY',
        `it is muted by ${MOST_OTHERS} others already: unmute by one of them`,
      );
    }
    this.#release(by);
    this.#holds.set(by, this.#hold(seconds, by));
    await this.#input.mute();
    return this.status();
  }

  /** @param by whose wish is over; by default everybody's */
  unmute(by?: string): MuteStatus {
    const wanted = this.#holds.size;
    for (const name of by === undefined ? [...this.#holds.keys()] : [by]) this.#release(name);
    if (this.#holds.size === 0 && (by === undefined || wanted > 0)) this.#input.unmute();
    return this.status();
  }

  /** What is muted stays so. */
  close(): void {
    for (const by of [...this.#holds.keys()]) this.#release(by);
  }

  #hold(seconds: number | null, by: string): Hold {
    if (seconds === null) return { timer: undefined, endsMs: Number.POSITIVE_INFINITY };
    const ms = seconds * 1000;
    return { timer: setTimeout(() => this.unmute(by), ms).unref(), endsMs: performance.now() + ms };
  }

  #release(by: string): void {
    clearTimeout(this.#holds.get(by)?.timer);
    this.#holds.delete(by);
  }
}
