import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from '@fastify/websocket';
import { isLive, type Message } from '../protocol/index.js';
import { LiveGroups } from './live-groups.js';
import type { Wire } from './subscribers.js';

/** RFC 6455's registry: try again later. */
export const TRY_AGAIN_LATER = 1013;

/** One message, one JSON text. */
export class WebSocketWire implements Wire {
  readonly #socket: WebSocket;
  readonly #connection: Socket;
  readonly #groups = new LiveGroups();

  /** @param connection that the WebSocket is on */
  constructor(socket: WebSocket, connection: Socket) {
    this.#socket = socket;
    this.#connection = connection;
  }

  get unreadBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: Message, json: string): void {
    const due = this.#groups.next(message, json);
    if (due.length === 0) return;
    this.#connection.cork();
    for (const each of due) this.#socket.send(each.json);
    this.#connection.uncork();
  }

  beat(): void {
    this.#socket.ping();
  }

  drop(): void {
    this.#socket.close(TRY_AGAIN_LATER, 'dropped: events were read too slowly');
  }
}

/** Server-Sent Events, each of the type that the message is of; levels and scores have no id, since they do not count. */
export class EventStreamWire implements Wire {
  readonly #response: ServerResponse;
  readonly #groups = new LiveGroups();

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get unreadBytes(): number {
    return this.#response.writableLength;
  }

  send(message: Message, json: string): void {
    const due = this.#groups.next(message, json);
    if (due.length > 0) this.#response.write(due.map(asEvent).join(''));
  }

  /** A comment, which no reader of events hears of. */
  beat(): void {
    this.#response.write(':\n\n');
  }

  drop(): void {
    this.#response.destroy();
  }
}

function asEvent({ message: { type, sequence }, json }: { message: Message; json: string }): string {
  const id = isLive(type) ? '' : `id: ${sequence}\n`;
  return `event: ${type}\n${id}data: ${json}\n\n`;
}
