import { type EventType, isLive, type Message } from '../protocol/index.js';

/** Live events that are further apart than this are few, and sent as they come. */
const CLOSE_SAMPLES = 3200;
/** Half a second of sound, which is what a quiet microphone is read for at a time too. */
const TOGETHER = 5;

export interface Sent {
  readonly message: Message;
  readonly json: string;
}

/** Events that come several times a second in speech, and that nobody acts on in a hurry. */
const UNHURRIED: ReadonlySet<string> = new Set<EventType>(['gate', 'classifier']);

/**
 * Of events that come ten times a second, five are sent at a time: what a viewer costs is the writing to the kernel, and
 * hardly what is written. One waits only where the next is due within a fifth of a second of sound. What the gate and the
 * classifier do waits with them; a detection, and all else, is sent at once, after what waits.
 */
export class LiveGroups {
  #waiting: Sent[] = [];
  #live = 0;
  #lastSample = Number.NEGATIVE_INFINITY;
  #isFlowing = false;

  /** @returns what is to be sent now, in this order */
  next(message: Message, json: string): readonly Sent[] {
    this.#waiting.push({ message, json });
    if (this.#canWait(message) && this.#live < TOGETHER) return [];
    const due = this.#waiting;
    this.#waiting = [];
    this.#live = 0;
    return due;
  }

  #canWait(message: Message): boolean {
    if (!isLive(message.type) || !('sample' in message))
      return this.#isFlowing && UNHURRIED.has(message.type);
    const apart = Math.abs(message.sample - this.#lastSample);
    this.#lastSample = message.sample;
    this.#isFlowing = apart < CLOSE_SAMPLES;
    this.#live++;
    return this.#isFlowing;
  }
}
