import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Ajv } from 'ajv';
import { startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'voice.wav', voice(16_000, 0.5));

before(async () => {
  await makeTinyPack(pack);
});

interface Operation {
  readonly summary: string;
  readonly parameters?: { name: string; in: string }[];
  readonly requestBody?: { content: Record<string, { schema: object }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

const getDocument = async (url: string | null) =>
  (await (await fetch(`${url}/openapi.json`)).json()) as Document;

test('every route is described, with the answers that it can give', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const { openapi, paths } = await getDocument(url);
  assert.match(openapi, /^3\.1\./);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
  const names: string[] = operations.map(([name]) => name);
  for (const name of [
    'get /healthz',
    'get /readyz',
    'get /v1/status',
    'get /v1/keywords',
    'patch /v1/keywords/{name}',
    'post /v1/detect',
    'get /v1/events',
    'get /v1/listen',
    'get /v1/energy',
    'post /v1/energy/reset',
    'get /metrics',
    'post /v1/mute',
    'post /v1/unmute',
  ]) {
    assert.ok(names.includes(name), name);
  }
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const [name, { summary, responses }] of operations) {
    assert.ok(summary, name);
    assert.ok(responses['500'] && responses['403'], name);
    assert.ok(
      Object.keys(responses).some((status) => status < '300'),
      name,
    );
    for (const { description, content = {} } of Object.values(responses)) {
      assert.notEqual(description, '', name);
      for (const { schema } of Object.values(content)) ajv.compile(schema);
    }
  }
  const detect = paths['/v1/detect'].post;
  assert.ok(detect.requestBody!.content['audio/wav'] && detect.requestBody!.content['multipart/form-data']);
  assert.ok(detect.responses['429'] && detect.responses['413'] && detect.responses['415']);
  assert.deepEqual(
    paths['/v1/events'].get.parameters!.map((parameter) => parameter.name),
    ['types', 'since'],
  );
});

test('answers are as the document says', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const { paths } = await getDocument(url);
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const path of ['/healthz', '/readyz', '/v1/status', '/v1/keywords', '/v1/energy']) {
    const answer = await fetch(url + path);
    const { content } = paths[path].get.responses[answer.status];
    assert.ok(ajv.validate(content!['application/json'].schema, await answer.json()), ajv.errorsText());
  }
});

test('the page and all that it is made of are served here, to everyone, under a policy that allows nothing else', async (t) => {
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'k3Jq+/x0rnf8sT6m9wLz=', { mode: 0o600 });
  const { url } = await startDaemon(t, { model: pack, input, tokenFile });
  const answer = await fetch(`${url}/docs`);
  assert.match(answer.headers.get('content-type')!, /^text\/html/);
  const policy = answer.headers.get('content-security-policy')!;
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  const page = await answer.text();
  const parts = [...page.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, address]) => address);
  assert.ok(parts.length >= 4);
  for (const part of parts) {
    assert.doesNotMatch(part, /^(?:\w+:|\/)/, `${part} is relative`);
    const { status, headers } = await fetch(new URL(part, `${url}/docs`));
    assert.equal(status, 200, part);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
  assert.equal((await fetch(`${url}/v1/status`)).status, 401, 'what is tried out needs the token');
  const plain = await fetch(`${url}/docs/swagger-ui.css`, { headers: { 'accept-encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.match(await plain.text(), /swagger-ui/);
});

test('to describe the routes leaves no second listener on the bus', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  await fetch(`${daemon.url}/v1/status`); // with which all routes are loaded
  const before = daemon.events.listenerCount('event');
  await getDocument(daemon.url);
  assert.equal(daemon.events.listenerCount('event'), before);
});
