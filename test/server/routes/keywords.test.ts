import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Subscriber, startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'voice.wav', voice(16_000, 2));
const long = wavFile(folder, 'long.wav', voice(16_000, 30));

before(async () => {
  await makeTinyPack(pack);
});

async function patch(url: string, name: string, change: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${url}/v1/keywords/${name}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
  return { status: answer.status, body: await answer.json() };
}

const ONE = {
  name: 'one',
  label: 'one',
  enabled: true,
  threshold: 0.5,
  patience: 1,
  defaultThreshold: 0.5,
  changed: false,
  own: null,
};

test('a change is sent to subscribers, is on disk, and outlives the daemon', async (t) => {
  const config = { model: pack, input, stateDirectory: join(folder, 'lasting') };
  const first = await startDaemon(t, config);
  const subscriber = new Subscriber(t, first.url!);
  await subscriber.message('snapshot');
  const changed = { ...ONE, label: 'Uno', threshold: 0.9, patience: 3, changed: true };
  const { status, body } = await patch(first.url!, 'one', { threshold: 0.9, patience: 3, label: 'Uno' });
  assert.deepEqual([status, body], [200, changed]);
  assert.deepEqual((await subscriber.message('config')).keyword, changed);
  await first.stop();
  const files = readdirSync(config.stateDirectory).filter((name) => name.startsWith('keywords'));
  assert.deepEqual(files, ['keywords.json'], 'nothing is left of the writing');

  const second = await startDaemon(t, config);
  const listed = (await (await fetch(`${second.url}/v1/keywords`)).json()) as { keywords: unknown[] };
  assert.deepEqual(listed.keywords[0], changed);
  // Back to the pack's own, of one setting and then of the others.
  assert.deepEqual((await patch(second.url!, 'one', { threshold: null })).body, {
    ...changed,
    threshold: 0.5,
  });
  await patch(second.url!, 'one', { patience: null, label: null });
  assert.deepEqual(JSON.parse(readFileSync(join(config.stateDirectory, 'keywords.json'), 'utf8')), {
    tiny: { one: {} },
  });
});

test('a change acts at once: a keyword that is turned off while it is being heard is heard no more', async (t) => {
  const keywords = { one: { threshold: 0.01 }, two: { enabled: false } };
  const daemon = await startDaemon(t, { model: pack, input: long, gate: 'off', keywords });
  const subscriber = new Subscriber(t, daemon.url!);
  await subscriber.message('detection');
  await patch(daemon.url!, 'one', { enabled: false });
  const { sequence } = await subscriber.message('config');
  await patch(daemon.url!, 'two', { enabled: true, threshold: 0.01, patience: 1 });
  await subscriber.message('detection', (event) => event.sequence > sequence && event.keyword === 'two');
  const later = subscriber.messages.filter(
    (event) => event.type === 'detection' && event.sequence > sequence,
  );
  assert.ok(later.every((event) => event.type === 'detection' && event.keyword === 'two'));
});

test('changes that come at the same time are all made', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  await Promise.all([
    patch(daemon.url!, 'one', { threshold: 0.25 }),
    patch(daemon.url!, 'one', { patience: 4 }),
    patch(daemon.url!, 'two', { label: 'Due' }),
  ]);
  assert.deepEqual(daemon.keywords()[0], { ...ONE, threshold: 0.25, patience: 4, changed: true });
  assert.equal(daemon.keywords()[1].label, 'Due');
});

test('what makes no sense is refused and changes nothing', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  for (const change of [
    {},
    [],
    null,
    { threshold: 0 },
    { threshold: 1.01 },
    { threshold: '0.5' },
    { patience: 1.5 },
    { enabled: 'no' },
    { label: '' },
    { colour: 'red' },
  ]) {
    assert.equal((await patch(daemon.url!, 'one', change)).status, 400, JSON.stringify(change));
  }
  const { status, body } = await patch(daemon.url!, 'ome', { threshold: 0.4 });
  assert.equal(status, 404);
  assert.match(JSON.stringify(body), /did you mean one\?/);
  assert.deepEqual(daemon.keywords()[0], ONE);
});

test('what cannot be written is not changed either', async (t) => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const daemon = await startDaemon(t, { model: pack, input, stateDirectory: join(file, 'state') }).catch(
    (error) => error,
  );
  assert.equal(daemon.code, 'WG_STATE_UNUSABLE', 'a state directory below a file cannot be');

  const state = join(folder, 'blocked');
  const running = await startDaemon(t, { model: pack, input, stateDirectory: state });
  rmSync(state, { recursive: true });
  writeFileSync(state, '');
  const { status, body } = await patch(running.url!, 'one', { threshold: 0.4 });
  assert.equal(status, 500);
  assert.match(JSON.stringify(body), /WG_STATE_UNUSABLE/);
  assert.deepEqual(running.keywords()[0], ONE);
  const both = [patch(running.url!, 'one', { threshold: 0.3 }), patch(running.url!, 'one', { patience: 2 })];
  for (const { status } of await Promise.all(both)) assert.equal(status, 500);
  assert.deepEqual(running.keywords()[0], ONE);
  assert.equal(readFileSync(state, 'utf8'), '');
});

test('hundreds of changes at once are a few writes, and each is answered when it is on the disk', async (t) => {
  const stateDirectory = join(folder, 'busy');
  const daemon = await startDaemon(t, { model: pack, input: long, stateDirectory });
  const handle = await open(input);
  await handle.close();
  const synced = t.mock.method(Object.getPrototypeOf(handle) as FileHandle, 'sync');
  const thresholds = Array.from({ length: 300 }, (_, n) => (n + 1) / 1000);
  const answers = await Promise.all(
    thresholds.map(async (threshold, n) => {
      const name = n % 2 === 0 ? 'one' : 'two';
      const answer = await patch(daemon.url!, name, { threshold });
      const stored = JSON.parse(readFileSync(join(stateDirectory, 'keywords.json'), 'utf8'));
      assert.ok(stored.tiny[name].threshold >= threshold, 'what is answered is on the disk');
      return answer.status;
    }),
  );
  assert.deepEqual(new Set(answers), new Set([200]));
  // The first, and those that came while it was written; a slow machine may take some more rounds.
  assert.ok(synced.mock.callCount() < 30, `${synced.mock.callCount()} writes`);
  const before = synced.mock.callCount();
  const startMs = performance.now();
  for (let n = 0; n < 5; n++) await patch(daemon.url!, 'one', { threshold: 0.5 });
  const quarters = (performance.now() - startMs) / 250;
  assert.ok(
    synced.mock.callCount() - before <= quarters + 1,
    'not more than four a second, one after the other',
  );
});
