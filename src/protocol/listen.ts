import type { DetectionEvent, GateEvent } from './events.js';

/** Of the 16-bit little-endian samples that are sent to /v1/listen. */
export interface ListenFormat {
  /** In Hz, 8000 to 192000; default 16000. */
  readonly rate?: number;
  /** Interleaved, 1 to 8; default 1. */
  readonly channels?: number;
}

/** What happens in a stream. */
export type StreamEvent = DetectionEvent | GateEvent;

/** The last message to one who has said that all was sent. */
export interface StreamFinished {
  readonly type: 'finished';
  /** Heard in all, at 16 kHz. */
  readonly samples: number;
  /** The same in seconds. */
  readonly seconds: number;
}

/** The last message where the stream cannot be heard any further. */
export interface StreamError {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
}

/** What a sender of a stream is answered. */
export type StreamMessage = StreamEvent | StreamFinished | StreamError;
