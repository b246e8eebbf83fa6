import { once } from 'node:events';
import WebSocket from 'ws';
import type { DaemonEvent, Message } from '../../src/protocol/index.js';
import type { Detections } from './words.js';

/** A subscriber over a WebSocket that hands on what it is sent. */
export async function subscribe(
  url: string,
  onMessage: (message: Message) => void,
  query = '',
): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events${query}`);
  socket.on('message', (data) => onMessage(JSON.parse(String(data))));
  await once(socket, 'open');
  return socket;
}

/** The detections among events, as a report of a file has them. */
export function detectionsAmong(events: readonly (DaemonEvent | Message)[]): Detections {
  return events.flatMap((event) =>
    event.type === 'detection'
      ? [
          {
            keyword: event.keyword,
            time: Number(event.seconds.toFixed(3)),
            score: Number(event.score.toFixed(6)),
          },
        ]
      : [],
  );
}
