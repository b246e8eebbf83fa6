import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import WebSocket from 'ws';
import { WakegateClient } from '../../src/client/index.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { freePort } from '../support/free-port.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 60));
const isThere = spawnSync('nginx', ['-v']).error === undefined;

before(async () => {
  await makeTinyPack(pack);
});

/** nginx with what its documentation has for a service below a path and for WebSockets, and nothing else. */
async function startNginx(t: TestContext, daemonUrl: string): Promise<string> {
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    `worker_processes 1; pid ${folder}/nginx.pid; error_log stderr;
    events {}
    http {
      access_log off; ${paths.join(' ')}
      map $http_upgrade $connection_upgrade { default upgrade; '' close; }
      server {
        listen 127.0.0.1:${port};
        location /wakegate/ {
          proxy_pass ${daemonUrl}/;
          proxy_set_header Host $host;
          proxy_http_version 1.1;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_upgrade;
        }
        location /stock/ { proxy_pass ${daemonUrl}/; }
      }
    }`,
  );
  const nginx: ChildProcess = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], {
    stdio: 'ignore',
  });
  t.after(async () => {
    nginx.kill('SIGTERM');
    await once(nginx, 'exit');
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(url).catch(() => null))) await new Promise((resolve) => setTimeout(resolve, 20));
  return url;
}

test('behind nginx and below a path: the client, events at once, streams, the page', {
  skip: !isThere && 'there is no nginx here',
}, async (t) => {
  const daemon = await startDaemon(t, { model: pack, input, gate: 'off' });
  const nginx = await startNginx(t, daemon.url!);
  for (const path of ['/wakegate', '/stock/']) {
    const client = new WakegateClient({ url: nginx + path, WebSocket: WebSocket as never });
    assert.equal((await client.status()).model.name, 'tiny');
    assert.equal((await client.keywords()).length, 2);
    const abort = new AbortController();
    for await (const event of client.events({ types: ['level'], signal: abort.signal }))
      if (event.type === 'level') abort.abort();
    const page = await fetch(`${nginx}${path.replace(/\/$/, '')}/docs`);
    const [, href] = (await page.text()).match(/<a href="([^"#]*openapi[^"]*)"/)!;
    const document = (await (await fetch(new URL(href, page.url))).json()) as { servers: { url: string }[] };
    const base = new URL(document.servers[0].url, new URL(href, page.url)).href.replace(/\/$/, '');
    assert.equal((await fetch(`${base}/v1/status`)).status, 200);
  }
  const client = new WakegateClient({ url: `${nginx}/wakegate`, WebSocket: WebSocket as never });
  const heard: string[] = [];
  for await (const { type } of client.listen([voice(16_000, 2)])) heard.push(type);
  assert.ok(heard.includes('gate') || heard.includes('detection'), String(heard));
});
