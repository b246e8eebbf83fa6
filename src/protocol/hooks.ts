import type { EventType } from './events.js';

/** A webhook or a command for what happens, and how it fares. */
export interface Hook {
  readonly name: string;
  readonly kind: 'webhook' | 'command';
  /** What it is for: the host of its address, or its program. The rest may be secret. */
  readonly target: string;
  readonly on: readonly EventType[];
  /** Whose detections count; null for all. */
  readonly keywords: readonly string[] | null;
  /** Events that it was run for, and that were taken. */
  readonly delivered: number;
  /** Events that it failed for, after all attempts. */
  readonly failed: number;
  /** Events that were dropped for newer ones, as too many waited. */
  readonly dropped: number;
  readonly waiting: number;
  /** Why it failed for the newest event, in a sentence; null where it did not. */
  readonly problem: string | null;
}

/** What came of a test of a hook. */
export interface HookTest {
  readonly delivered: boolean;
  readonly milliseconds: number;
  /** Why it was not delivered, in a sentence. */
  readonly problem: string | null;
}
