/**
 * Serves the page, and the client that it imports, on this machine: `node serve.js [PORT]`
 * Then start the daemon so that it answers the page:
 * `wakegate run --allowed-origins http://localhost:8080`
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const PAGE = import.meta.url;
const CLIENT = import.meta.resolve('wakegate/client');
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript' };

const server = createServer(async ({ url }, response) => {
  const path = url.split('?')[0].replace(/^\/$/, '/index.html');
  const [, folder, name, type] = path.match(/^\/(client\/)?([\w-]+\.(html|js))$/) ?? [];
  try {
    const file = await readFile(new URL(name, folder ? CLIENT : PAGE));
    response.setHeader('content-type', TYPES[type]).end(file);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(Number(process.argv[2] ?? 8080), 'localhost', () => {
  console.log(`http://localhost:${server.address().port}`);
});
