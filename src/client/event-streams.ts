import type { Message } from '../protocol/index.js';
import type { Connection } from './connection.js';
import { Inbox } from './inbox.js';
import type { Socket, WebSocketConstructor } from './listen.js';
import { ServiceError } from './service-error.js';

/** Where to continue, and with which events. */
export interface EventsQuery {
  readonly types: string | undefined;
  readonly since: number | undefined;
}

/** The socket was not opened, as where a proxy takes none. */
export class NoWebSocket extends Error {
  override readonly name = 'NoWebSocket';
}

/** Messages over Server-Sent Events. @throws ServiceError */
export async function* overServerSentEvents(
  connection: Connection,
  query: EventsQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<Message, void> {
  const url = connection.urlOf('/v1/events', { ...query });
  const response = await connection.request(url, { ...(signal && { signal }) });
  const reader = response.body!.getReader();
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

/**
 * Messages over a WebSocket, which a ticket opens: in a browser it can carry no token, and an address is no place for one.
 *
 * @throws ServiceError, NoWebSocket
 */
export async function* overWebSocket(
  connection: Connection,
  WebSocket: WebSocketConstructor,
  query: EventsQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<Message, void> {
  const asking = { ...(signal && { signal }) };
  const { ticket } = await connection.json<{ ticket: string }>('POST', '/v1/tickets', undefined, asking);
  const url = connection.urlOf('/v1/events', { ...query, ticket });
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = open(WebSocket, url);
  const inbox = new Inbox<Message>();
  let isOpen = false;
  let isOver = false;
  socket.addEventListener('open', () => {
    isOpen = true;
    if (isOver) socket.close();
  });
  socket.addEventListener('message', ({ data }) => inbox.put(JSON.parse(String(data)) as Message));
  socket.addEventListener('error', () => {
    if (!isOpen) inbox.fail(new NoWebSocket(`${url.origin} opens no WebSocket`));
  });
  socket.addEventListener('close', ({ code, reason }) => {
    const sentence = `the connection was closed: ${reason || code}`;
    inbox.fail(new ServiceError('WG_SERVICE_UNREACHABLE', sentence, null));
  });
  const abort = () => inbox.end();
  signal?.addEventListener('abort', abort);
  try {
    if (!signal?.aborted) yield* inbox.messages();
  } finally {
    signal?.removeEventListener('abort', abort);
    isOver = true;
    // One that is closed before it is open is an error on a browser's console.
    if (isOpen) socket.close();
  }
}

/** @throws NoWebSocket where a browser forbids it to the page */
function open(WebSocket: WebSocketConstructor, url: URL): Socket {
  try {
    return new WebSocket(url.href, ['wakegate']);
  } catch (cause) {
    throw new NoWebSocket(`a WebSocket to ${url.origin} is not allowed here`, { cause });
  }
}
