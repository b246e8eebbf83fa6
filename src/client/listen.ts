import type { ListenFormat, StreamEvent, StreamMessage } from '../protocol/index.js';
import type { Connection } from './connection.js';
import { Inbox } from './inbox.js';
import { ServiceError } from './service-error.js';

export interface ListenOptions extends ListenFormat {
  /** Ends the iteration, and the connection. */
  readonly signal?: AbortSignal;
}

/** What is needed of a WebSocket: a browser's, Node's from version 22 on, or that of `ws`. */
export interface Socket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly readyState: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => Socket;

/** Samples as they are, or their bytes, little-endian. */
export type PcmStream = AsyncIterable<Int16Array | Uint8Array> | Iterable<Int16Array | Uint8Array>;

/** The service takes messages of up to 64 KiB. */
const MESSAGE_BYTES = 32 * 1024;
/** What may wait to be sent, and how often it is looked whether it has been. */
const MOST_UNSENT_BYTES = 256 * 1024;
const LOOK_MS = 20;
const OPEN = 1;

/**
 * Sends PCM, and yields the events of it. Ends when the stream has, and all of it was heard.
 *
 * @throws ServiceError, and whatever the stream throws
 */
export async function* listenTo(
  connection: Connection,
  stream: PcmStream,
  { rate, channels, signal }: ListenOptions,
  WebSocket: WebSocketConstructor | undefined,
): AsyncGenerator<StreamEvent, void> {
  if (WebSocket === undefined) {
    throw new TypeError('there is no WebSocket here, as in Node before 22: pass one, such as that of ws');
  }
  const url = connection.urlOf('/v1/listen', { rate, channels });
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url.href, subprotocols(connection.token));
  const inbox = new Inbox<StreamEvent>();
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => take(JSON.parse(String(data)) as StreamMessage, inbox));
  socket.addEventListener('error', () => {
    inbox.fail(
      new ServiceError('WG_SERVICE_UNREACHABLE', `${url.origin} takes no audio at /v1/listen`, null),
    );
  });
  socket.addEventListener('close', ({ code, reason }) => {
    inbox.fail(
      new ServiceError('WG_SERVICE_UNREACHABLE', `the connection was closed: ${reason || code}`, null),
    );
  });
  const abort = () => inbox.end();
  signal?.addEventListener('abort', abort);
  socket.addEventListener('open', () => {
    send(socket, stream).catch((error: unknown) => inbox.fail(error));
  });
  try {
    if (!signal?.aborted) yield* inbox.messages();
  } finally {
    signal?.removeEventListener('abort', abort);
    socket.close();
  }
}

function subprotocols(token: string | undefined): string[] {
  if (token === undefined) return ['wakegate'];
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(token)));
  const encoded = base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return ['wakegate', `wakegate.bearer.${encoded}`];
}

async function send(socket: Socket, stream: PcmStream): Promise<void> {
  for await (const { buffer, byteOffset, byteLength } of stream) {
    for (let at = 0; at < byteLength; at += MESSAGE_BYTES) {
      while (socket.bufferedAmount > MOST_UNSENT_BYTES) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      if (socket.readyState !== OPEN) return;
      // A copy, since the stream may use its memory again.
      const bytes = Math.min(MESSAGE_BYTES, byteLength - at);
      socket.send(Uint8Array.from(new Uint8Array(buffer, byteOffset + at, bytes)));
    }
  }
  if (socket.readyState === OPEN) socket.send('{"type":"finish"}');
}

function take(message: StreamMessage, inbox: Inbox<StreamEvent>): void {
  if (message.type === 'finished') inbox.end();
  else if (message.type === 'error') inbox.fail(new ServiceError(message.code, message.message, null));
  else inbox.put(message);
}
