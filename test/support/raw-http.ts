import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** A connection to a server, by hand; gone when the test is over. */
export async function openConnection(t: TestContext, url: string, localAddress?: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, ...(localAddress && { localAddress }) });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.on('error', () => {}); // the other side may end it at any time
  return socket;
}

/** As many at once. */
export function openConnections(t: TestContext, url: string, count: number): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, () => openConnection(t, url)));
}

/** All that is answered to these lines and this body, up to the end of the connection. */
export async function exchange(
  t: TestContext,
  url: string,
  lines: readonly string[],
  body = '',
): Promise<string> {
  const socket = await openConnection(t, url);
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return text(socket.setEncoding('latin1'));
}
