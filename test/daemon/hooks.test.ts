import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { WakegateClient } from '../../src/client/index.js';
import type { DetectionEvent, Hook } from '../../src/protocol/index.js';
import { Subscriber, startDaemon, wavFile } from '../support/daemon-fixture.js';
import { HookReceiver } from '../support/hook-receiver.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const model = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 60));
const secretFile = join(folder, 'hook.secret');
const SECRET = 'a-secret-of-the-tests';

before(async () => {
  await makeTinyPack(model);
});

test('a word that is heard is posted, signed, and given to a command', async (t) => {
  writeFileSync(secretFile, SECRET);
  const receiver = await HookReceiver.start(t);
  const daemon = await startDaemon(t, {
    model,
    input,
    gate: 'off',
    hooks: {
      light: { url: `${receiver.url}/light`, secretFile },
      log: { command: ['/bin/sh', '-c', 'test "$EVENT_TYPE" = detection'] },
    },
  });
  const subscriber = new Subscriber(t, daemon.url!, '?since=0');
  const [{ headers, body }] = await receiver.count(1);
  const { sequence } = JSON.parse(body) as DetectionEvent;
  assert.deepEqual(
    JSON.parse(body),
    await subscriber.message('detection', (event) => event.sequence === sequence),
  );
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = headers;
  const digest = createHmac('sha256', SECRET).update(`${id}.${time}.${body}`).digest('base64');
  assert.equal(signature, `v1,${digest}`);

  const client = new WakegateClient({ url: daemon.url! });
  let hooks: Hook[];
  do hooks = await client.hooks();
  while (hooks.some(({ delivered }) => delivered === 0));
  assert.deepEqual(
    hooks.map(({ name, kind, target, problem }) => [name, kind, target, problem]),
    [
      ['light', 'webhook', receiver.url, null],
      ['log', 'command', '/bin/sh', null],
    ],
  );
});

test('hooks are tried from the command line', async (t) => {
  const receiver = await HookReceiver.start(t, [{ status: 200 }, { status: 403 }]);
  const daemon = await startDaemon(t, {
    model,
    input,
    hooks: { light: { url: receiver.url, keywords: ['two'] } },
  });
  const run = (...args: string[]) => wakegate(t, ['hooks', ...args, '--url', daemon.url!]);
  assert.match((await run('test', 'light')).stdout, /^The hook "light" took the test, in \d+ ms\.\n$/);
  const failed = await run('test', 'light');
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /the hook "light" failed: http:\S+ answers 403/);
  const unknown = await run('test', 'lihgt');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no hook "lihgt"; did you mean "light"\?/);
  assert.match((await run('list')).stdout, /^light: webhook http:\S+, on detection of two; delivered 0/);
});

test('hooks that cannot start are a problem, and keep nothing from listening', async (t) => {
  const hooks = { light: { url: 'http://127.0.0.1:9', secretFile: join(folder, 'none') } };
  const daemon = await startDaemon(t, { model, input, hooks });
  const problems = () => daemon.status().problems;
  while (problems().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(problems()[0].part, 'hooks');
  assert.match(problems()[0].problem, /the secret file .*none cannot be read/);
  assert.notEqual(daemon.status().input.state, 'lost');
  await assert.rejects(daemon.hooks.test('light'), { code: 'WG_UNKNOWN_NAME' });
  await assert.rejects(
    startDaemon(t, { model, input, hooks: { a: { command: ['true'], keywords: ['three'] } } }),
    {
      code: 'WG_CONFIG_INVALID',
      message: /hooks\.a\.keywords: there is no keyword three/,
    },
  );
});
