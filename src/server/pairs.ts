import { isLive, type Message } from '../protocol/index.js';

/** Live events that are further apart than this are few, and sent as they come. */
const CLOSE_SAMPLES = 3200;

interface Held {
  readonly message: Message;
  readonly json: string;
}

/**
 * Of events that come ten times a second, two are sent at a time: what a viewer costs is the writing to the kernel, and hardly
 * what is written. Nothing waits for long, as one waits for the next only where that is due within a fifth of a second of sound.
 */
export class Pairs {
  #held: Held | null = null;
  #lastSample = Number.NEGATIVE_INFINITY;

  /** @returns what is to be sent now, in this order */
  next(message: Message, json: string): readonly Held[] {
    const before = this.#held;
    const now = { message, json };
    const waits = this.#isDense(message) && before === null;
    this.#held = waits ? now : null;
    if (waits) return [];
    return before === null ? [now] : [before, now];
  }

  #isDense(message: Message): boolean {
    if (!isLive(message.type) || !('sample' in message)) return false;
    const apart = Math.abs(message.sample - this.#lastSample);
    this.#lastSample = message.sample;
    return apart < CLOSE_SAMPLES;
  }
}
