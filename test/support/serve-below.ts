import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { TestContext } from 'node:test';

/** A proxy that has the daemon below a path, as Home Assistant and nginx do. @param path such as /house/wakegate/ @returns its address */
export async function serveBelow(t: TestContext, path: string, target: string): Promise<string> {
  const { port, hostname } = new URL(target);
  const server = createServer((asked: IncomingMessage, answer: ServerResponse) => {
    if (!asked.url!.startsWith(path)) return answer.writeHead(404).end();
    const url = asked.url!.slice(path.length - 1);
    const { method, headers } = asked;
    const passed = request({ hostname, port, path: url, method, headers }, (answered) => {
      answer.writeHead(answered.statusCode!, answered.headers);
      answered.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  });
  server.on('upgrade', (asked, socket) => {
    const to = connect(Number(port), hostname, () => {
      const lines = Object.entries(asked.headers).map(([name, value]) => `${name}: ${value}`);
      to.write(`GET ${asked.url!.slice(path.length - 1)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      to.pipe(socket).pipe(to);
    });
    for (const end of [to, socket])
      end.on('error', () => {}).on('close', () => [to, socket].map((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}
