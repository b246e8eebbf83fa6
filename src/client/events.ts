import type { EventType, Message } from '../protocol/index.js';
import type { Connection } from './connection.js';
import { ServiceError } from './service-error.js';

export interface EventsOptions {
  /** By default all but `level` and `scores`, which come ten times a second and are measured only while somebody asks for them. */
  readonly types?: readonly EventType[];
  /** Sequence number of the last event that was had before. */
  readonly since?: number;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** Called each time the connection is lost or not had; it is tried again. The next message says that it is back. */
  readonly onLost?: () => void;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;

/**
 * Messages as they come, over Server-Sent Events, which take a token and need nothing that Node 20 has not. When the
 * connection is lost it is made again, and continues after the last event: a snapshot comes first each time, whose
 * `complete` says whether nothing is missing.
 *
 * @throws ServiceError where trying again would not help
 */
export async function* followEvents(
  connection: Connection,
  { types, since, signal, onLost }: EventsOptions,
): AsyncGenerator<Message, void> {
  let last = since;
  for (let attempt = 0; !signal?.aborted; attempt++) {
    if (attempt > 0) {
      onLost?.();
      await pause(attempt, signal);
    }
    try {
      const url = connection.urlOf('/v1/events', { types: types?.join(), since: last });
      const response = await connection.request(url, { ...(signal && { signal }) });
      for await (const message of messagesOf(response.body!)) {
        // A level, or scores, have the number of the event before it.
        last = message.sequence;
        attempt = 0;
        yield message;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof ServiceError && !error.isPassing) throw error;
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

async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Message, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const events = text.split('\n\n');
      text = events.pop()!;
      for (const event of events) {
        const data = event.split('\n').find((line) => line.startsWith('data: '));
        if (data) yield JSON.parse(data.slice('data: '.length)) as Message;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
