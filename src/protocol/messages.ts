import type { DaemonEvent, LiveEvent } from './events.js';
import type { Status } from './status.js';

/** The first message on every connection to /v1/events; the events that follow have higher sequence numbers. */
export interface Snapshot {
  readonly type: 'snapshot';
  /** Of the latest event before those that follow. */
  readonly sequence: number;
  /** Whether what follows continues where the subscriber has left off, with nothing missing. */
  readonly complete: boolean;
  /** ISO 8601 */
  readonly time: string;
  readonly status: Status;
}

/** What a subscriber of /v1/events is sent. */
export type Message = Snapshot | DaemonEvent | LiveEvent;
