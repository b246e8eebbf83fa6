import { isLive, type Message } from '../protocol/index.js';

/** Live events that are further apart than this are few, and sent as they come. */
const CLOSE_SAMPLES = 3200;
/** Half a second of sound, which is what a quiet microphone is read for at a time too. */
const TOGETHER = 5;

export interface Sent {
  readonly message: Message;
  readonly json: string;
}

/**
 * Of events that come ten times a second, five are sent at a time: what a viewer costs is the writing to the kernel, and
 * hardly what is written. One waits only where the next is due within a fifth of a second of sound.
 */
export class LiveGroups {
  #waiting: Sent[] = [];
  #lastSample = Number.NEGATIVE_INFINITY;

  /** @returns what is to be sent now, in this order */
  next(message: Message, json: string): readonly Sent[] {
    this.#waiting.push({ message, json });
    if (this.#isDense(message) && this.#waiting.length < TOGETHER) return [];
    const due = this.#waiting;
    this.#waiting = [];
    return due;
  }

  #isDense(message: Message): boolean {
    if (!isLive(message.type) || !('sample' in message)) return false;
    const apart = Math.abs(message.sample - this.#lastSample);
    this.#lastSample = message.sample;
    return apart < CLOSE_SAMPLES;
  }
}
