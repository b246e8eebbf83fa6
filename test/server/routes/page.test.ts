import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { fastify } from 'fastify';
import { answerError } from '../../../src/server/errors.js';
import { servePage } from '../../../src/server/routes/page.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const FOLDER = fileURLToPath(new URL('../../../src/dashboard/', import.meta.url));

async function serve(folder = FOLDER) {
  const app = fastify();
  app.setErrorHandler(answerError);
  await servePage(app, folder);
  return app;
}

test('the page and what it names are served as they were made, plain and compressed', async () => {
  const app = await serve();
  const page = await app.inject('/');
  assert.equal(page.statusCode, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(page.body, readFileSync(`${FOLDER}index.html`, 'utf8'));
  assert.equal(page.headers['cache-control'], 'no-cache');
  const named = [...page.body.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map(([, path]) => path);
  assert.equal(named.length, 2);
  for (const path of named) {
    const plain = await app.inject(`/${path}`);
    const packed = await app.inject({ url: `/${path}`, headers: { 'accept-encoding': 'br, gzip' } });
    assert.match(String(plain.headers['content-type']), /^text\/(javascript|css); charset=utf-8$/);
    assert.match(String(plain.headers['cache-control']), /immutable/);
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(packed.rawPayload).toString(), plain.body);
  }
  await app.close();
});

test('all of the page is at most 80 kB, compressed, and it has no script or style in its document', async () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.gz'),
  );
  assert.ok(files.length >= 3, String(files));
  const bytes = files.reduce((sum, name) => sum + readFileSync(FOLDER + name).length, 0);
  assert.ok(bytes <= 80_000, `${bytes} bytes`);
  const document = readFileSync(`${FOLDER}index.html`, 'utf8');
  assert.doesNotMatch(document, /<style|<script(?![^>]* src=)[^>]*>|style="|https?:\/\/(?!www\.w3\.org)/);
});

test('no script from elsewhere may run on it, and no other page may frame it', async () => {
  const app = await serve();
  const { headers } = await app.inject('/');
  const policy = String(headers['content-security-policy']);
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|http:|\*/);
  await app.close();
});

test('nothing else is served: no other name, and no path out of the folder', async () => {
  const app = await serve();
  for (const url of [
    '/assets/none.js',
    '/assets/..%2Findex.html',
    '/assets/..%2F..%2Fcli%2Fmain.js',
    '/assets/',
  ]) {
    assert.equal((await app.inject(url)).statusCode, 404, url);
  }
  await app.close();
});

test('a page that was not built is answered with the command that builds it', async () => {
  const app = await serve(temporaryFolder());
  const { statusCode, json } = await app.inject('/');
  assert.equal(statusCode, 404);
  assert.match(json().error.message, /npm run build/);
  await app.close();
});
