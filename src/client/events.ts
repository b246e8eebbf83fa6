import type { EventType, Message } from '../protocol/index.js';
import type { Connection } from './connection.js';
import { NoWebSocket, overServerSentEvents, overWebSocket } from './event-streams.js';
import type { WebSocketConstructor } from './listen.js';
import { ServiceError } from './service-error.js';

export interface EventsOptions {
  /** By default all but `level` and `scores`, which come ten times a second and are measured only while somebody asks for them. */
  readonly types?: readonly EventType[];
  /** Sequence number of the last event that was had before. */
  readonly since?: number;
  /**
   * `sse`, the default, takes a token and needs nothing that Node 20 has not; `websocket` costs the service less while scores
   * come ten times a second, and takes Server-Sent Events where no WebSocket gets through.
   */
  readonly over?: 'sse' | 'websocket';
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** Called each time the connection is lost or not had; it is tried again. The next message says that it is back. */
  readonly onLost?: () => void;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;

/**
 * Messages as they come. When the connection is lost it is made again, and continues after the last event: a snapshot
 * comes first each time, whose `complete` says whether nothing is missing.
 *
 * @param WebSocket where that is wanted
 * @throws ServiceError where trying again would not help
 */
export async function* followEvents(
  connection: Connection,
  { types, since, over = 'sse', signal, onLost }: EventsOptions,
  WebSocket: WebSocketConstructor | undefined,
): AsyncGenerator<Message, void> {
  let socketOf = over === 'websocket' ? WebSocket : undefined;
  let last = since;
  for (let attempt = 0; !signal?.aborted; attempt++) {
    if (attempt > 0) {
      onLost?.();
      await pause(attempt, signal);
    }
    try {
      const query = { types: types?.join(), since: last };
      const messages =
        socketOf === undefined
          ? overServerSentEvents(connection, query, signal)
          : overWebSocket(connection, socketOf, query, signal);
      for await (const message of messages) {
        // A level, or scores, have the number of the event before it.
        last = message.sequence;
        attempt = 0;
        if (signal?.aborted) return; // more may have come at once
        yield message;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof NoWebSocket) {
        socketOf = undefined;
        attempt = -1; // it is not lost
      } else if (error instanceof ServiceError && !error.isPassing) throw error;
    }
  }
}

/** Longer with each attempt, and never as long as others do, who have lost the same connection. */
function pause(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  const longestMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1));
  return new Promise((resolve) => {
    const timer = setTimeout(done, longestMs * (0.5 + Math.random() / 2));
    signal?.addEventListener('abort', done);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
