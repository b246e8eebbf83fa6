import type { OwnKeywordSet } from './own-keyword-set.js';

/** What carries handoffs to workers and their answers back. A broker of another kind is one more implementation. */
export interface HandoffCarrier {
  readonly isUp: boolean;
  /** Why it is not up, in a sentence; null where it is, or was not tried yet. */
  readonly problem: string | null;
  /**
   * Whether a worker that is there holds that pack and is ready for windows of it, as far as is known.
   *
   * @param own the set of own keywords that it is to be ready for; by default none
   */
  holds(fingerprint: string, own?: string | null): boolean;
  /** Sends a window while it is up; while it is not, keeps it for as long as it lives. */
  send(window: CarriedWindow): void;
  /**
   * Takes part in it until the function that is returned is called; workers can have its own keywords as long.
   *
   * @throws WakegateError WG_KEYWORD_INVALID for own keywords that are too much for it
   */
  join(member: CarrierMember, own: OwnKeywordSet | null): () => void;
  /** A number that no window of this satellite had before. */
  nextNumber(): number;
}

export interface CarriedWindow {
  /** By which its answer is known. */
  readonly number: number;
  readonly fingerprint: string;
  /** The set of own keywords that are to be listened for too; null for none. */
  readonly own: string | null;
  readonly message: Buffer;
  /** How long it is worth an answer. */
  readonly livesMs: number;
  /** Called when the broker has it: whether any worker was there for it, and null where the broker refuses it. */
  readonly onTaken: (isWanted: boolean | null) => void;
}

/** Who sends windows. */
export interface CarrierMember {
  /** It is up, again perhaps: what was taken and not answered may be gone. */
  onUp(): void;
  onDown(): void;
  /** Workers have come or gone; `hasLost`: what one of them had is lost with it. */
  onWorkers(hasLost: boolean): void;
  /** @returns whether the window is this member's */
  onAnswer(number: number, payload: Buffer): boolean;
}
