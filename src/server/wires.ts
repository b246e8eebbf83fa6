import type { ServerResponse } from 'node:http';
import type { WebSocket } from '@fastify/websocket';
import { isLive, type Message } from '../protocol/index.js';
import type { Wire } from './subscribers.js';

/** RFC 6455's registry: try again later. */
export const TRY_AGAIN_LATER = 1013;

/** One message, one JSON text. */
export class WebSocketWire implements Wire {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get unreadBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(_message: Message, json: string): void {
    this.#socket.send(json);
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

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get unreadBytes(): number {
    return this.#response.writableLength;
  }

  send({ type, sequence }: Message, json: string): void {
    const id = isLive(type) ? '' : `id: ${sequence}\n`;
    this.#response.write(`event: ${type}\n${id}data: ${json}\n\n`);
  }

  /** A comment, which no reader of events hears of. */
  beat(): void {
    this.#response.write(':\n\n');
  }

  drop(): void {
    this.#response.destroy();
  }
}
