import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers that belong to an upgrade alone: the protocol, and what HTTP/2 adds to it. */
const OF_UPGRADES: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/** Takes a request for a WebSocket, with its connection and what came over it since. */
export type TakeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Hands requests for a WebSocket to `take`. Those that ask for another protocol, such as h2c, are answered as if they had
 * not asked, which is what RFC 9110 (7.8) has servers do.
 */
export function takeWebSockets(server: Server, take: TakeUpgrade): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isWebSocket(request)) take(request, socket, head);
    else answerWithoutUpgrade(server, request, socket, head);
  });
}

function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.trim().toLowerCase() === 'websocket';
}

/** Node has handed the connection over, with its parser gone: it begins again, with the same request but for the wish. */
function answerWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, rest: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name, value] = [rawHeaders[i].toLowerCase(), rawHeaders[i + 1]];
    if (OF_UPGRADES.has(name)) continue;
    const kept = name === 'connection' ? withoutUpgrade(value) : value;
    if (kept !== '' || value === '') lines.push(`${rawHeaders[i]}: ${kept}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), rest]));
  server.emit('connection', socket);
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  return options.filter((option) => !OF_UPGRADES.has(option.toLowerCase())).join(', ');
}
