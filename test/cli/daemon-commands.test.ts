import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess, wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const model = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 60));
const tokenFile = join(folder, 'token');

before(async () => {
  writeFileSync(tokenFile, 'k3Jq+/x0rnf8sT6m9wLz=', { mode: 0o600 });
  await makeTinyPack(model);
});

async function start(t: TestContext) {
  const daemon = await startDaemon(t, { model, input, tokenFile });
  const { port } = new URL(daemon.url!);
  const run = (...args: string[]) => wakegate(t, [...args, '--port', port, '--token-file', tokenFile]);
  return { daemon, port, run };
}

test('status says how the daemon is, for people or as JSON', async (t) => {
  const { daemon, run } = await start(t);
  const [text, json] = await Promise.all([run('status'), run('status', '--json')]);
  assert.deepEqual([text.code, text.stderr], [0, '']);
  assert.match(text.stdout, /^model +tiny$/m);
  assert.match(text.stdout, /^keyword +one: from 0\.5 on$/m);
  assert.equal(JSON.parse(json.stdout).version, daemon.status().version);
});

test('mute and unmute are done when they return', async (t) => {
  const { daemon, run } = await start(t);
  assert.equal((await run('mute')).stdout, 'Muted.\n');
  assert.equal(daemon.status().input.state, 'muted');
  assert.match((await run('mute', '--seconds', '1000')).stdout, /^Muted until \d{4}-.*Z\.\n$/);
  assert.equal((await run('unmute')).stdout, 'Listening.\n');
  assert.notEqual(daemon.status().input.state, 'muted');
  assert.equal((await run('mute', '--seconds', '-1')).code, 2);
});

test('events are printed as they come, from a number on, until there are so many', async (t) => {
  const { daemon, port } = await start(t);
  const { sequence } = daemon.events;
  for (const reason of ['a', 'b', 'c']) {
    daemon.events.publish({ type: 'classifier', state: 'asleep', previous: 'awake', reason });
  }
  const args = ['events', '--types', 'classifier', '--since', String(sequence), '--count', '3'];
  const process = new WakegateProcess(t, [...args, '--port', port, '--token-file', tokenFile]);
  const { code, stdout } = await process.finished;
  const reasons = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).reason);
  assert.deepEqual([code, reasons], [0, ['a', 'b', 'c']]);
});

test('what the daemon says no to is told in a sentence, with what to do', async (t) => {
  const { port, run } = await start(t);
  const stranger = await wakegate(t, ['status', '--port', port]);
  assert.equal(stranger.code, 2);
  assert.match(stranger.stderr, /^wakegate: \[WG_UNAUTHORIZED\] .*--token-file/);
  const wrongType = await run('events', '--types', 'detections');
  assert.match(wrongType.stderr, /\[WG_REQUEST_INVALID\] there are no events of type "detections"/);
  const missing = await wakegate(t, ['status', '--port', port, '--token-file', join(folder, 'missing')]);
  assert.match(missing.stderr, /\[WG_TOKEN_UNUSABLE\]/);
  const nobody = await wakegate(t, ['events', '--port', '1']);
  assert.match(nobody.stderr, /\[WG_SERVICE_UNREACHABLE\] no daemon answers at .*wakegate run/);
});
