import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeWav } from '../../src/audio/index.js';
import { CaptureStore, type Clip } from '../../src/captures/index.js';
import type { CaptureLimits } from '../../src/protocol/index.js';
import { temporaryFolder } from '../support/temp-folder.js';

const root = temporaryFolder();
const AMPLE: CaptureLimits = { count: 100, bytes: 1e9, days: 30 };

/** A tenth of a second: 3244 bytes. */
const clip = (score = 0.9): Clip => ({
  kind: 'detection',
  keyword: 'one',
  score,
  sample: 1600,
  samples: Int16Array.from({ length: 1600 }, (_, i) => i),
});

const scores = async (store: CaptureStore) => (await store.list()).map(({ score }) => score);

test('what was added is listed newest first, read, labelled and removed, and is there after a restart', async () => {
  const folder = join(root, 'lasting');
  const store = new CaptureStore(folder, AMPLE);
  assert.deepEqual(await store.list(), []);
  const heardAt = new Date();
  const first = await store.add(clip(0.1), 'tiny', heardAt);
  const second = await store.add(clip(0.2), 'tiny', new Date(heardAt.getTime() + 1000));
  assert.deepEqual(await store.list(), [second, first]);
  assert.deepEqual(first, {
    id: first.id,
    kind: 'detection',
    model: 'tiny',
    keyword: 'one',
    score: 0.1,
    heardAt: heardAt.toISOString(),
    seconds: 0.1,
    bytes: 3244,
    label: null,
    word: null,
  });
  assert.deepEqual(await store.readWav(first.id), writeWav(clip().samples, 16_000));
  await store.label(first.id, { label: 'other', word: 'Juan' });
  assert.equal(statSync(join(folder, `${first.id}.wav`)).mode & 0o777, 0o600, "nobody else's business");
  assert.equal(statSync(folder).mode & 0o777, 0o700);

  const again = new CaptureStore(folder, AMPLE);
  assert.deepEqual(await again.list(), [second, { ...first, label: 'other', word: 'Juan' }]);
  assert.deepEqual(await again.label(first.id, { label: 'right' }), { ...first, label: 'right' });
  await again.remove(first.id);
  assert.deepEqual(readdirSync(folder).sort(), [`${second.id}.json`, `${second.id}.wav`]);
  await again.clear();
  assert.deepEqual(readdirSync(folder), []);
});

test('beyond a number or a size the oldest go, those without a label first', async () => {
  for (const limits of [
    { ...AMPLE, count: 3 },
    { ...AMPLE, bytes: 3 * 3244 },
  ]) {
    const store = new CaptureStore(join(root, `limits-${limits.count}`), limits);
    const first = await store.add(clip(0.1), 'tiny', new Date());
    await store.label(first.id, { label: 'wrong' });
    for (const score of [0.2, 0.3, 0.4, 0.5]) await store.add(clip(score), 'tiny', new Date());
    assert.deepEqual(await scores(store), [0.5, 0.4, 0.1]);
    for (const { id } of await store.list()) await store.label(id, { label: 'right' });
    await store.add(clip(0.6), 'tiny', new Date());
    assert.deepEqual((await scores(store)).length, 3);
  }
});

test('what is older than so many days is gone, whatever was said of it', async () => {
  const store = new CaptureStore(join(root, 'days'), { ...AMPLE, days: 2 });
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  const young = await store.add(clip(0.1), 'tiny', daysAgo(1.9));
  const old = await new CaptureStore(join(root, 'days'), AMPLE).add(clip(0.2), 'tiny', daysAgo(2.1));
  await new CaptureStore(join(root, 'days'), AMPLE).label(old.id, { label: 'right' });
  const later = new CaptureStore(join(root, 'days'), { ...AMPLE, days: 2 });
  await later.prune();
  assert.deepEqual(readdirSync(join(root, 'days')).sort(), [`${young.id}.json`, `${young.id}.wav`]);
});

test('what a power cut has left behind goes, and what is not ours stays', async () => {
  const folder = join(root, 'power-cut');
  const store = new CaptureStore(folder, AMPLE);
  const whole = await store.add(clip(), 'tiny', new Date());
  const id = '20260101-000000-00000000';
  writeFileSync(join(folder, `${id}.wav`), 'sound without a description');
  writeFileSync(join(folder, `${id}.json.77.new`), '{"id":');
  writeFileSync(join(folder, '20260101-000001-00000000.json'), '{"id":');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  assert.deepEqual(await new CaptureStore(folder, AMPLE).list(), [whole]);
  assert.deepEqual(readdirSync(folder).sort(), [`${whole.id}.json`, `${whole.id}.wav`, 'notes.txt']);
});

test('only what was kept here is read or removed, whatever name is asked for', async () => {
  const folder = join(root, 'traversal');
  mkdirSync(folder);
  writeFileSync(join(root, 'secret.wav'), 'secret');
  writeFileSync(join(folder, 'beside.wav'), 'not listed');
  const store = new CaptureStore(folder, AMPLE);
  const name = { code: 'WG_UNKNOWN_NAME' };
  for (const id of ['../secret', 'beside', join(root, 'secret'), '..', '', '__proto__', '%2e%2e%2fsecret']) {
    await assert.rejects(store.readWav(id), name, id);
    await assert.rejects(store.remove(id), name, id);
    await assert.rejects(store.label(id, { label: 'right' }), name, id);
  }
  assert.equal(readFileSync(join(root, 'secret.wav'), 'utf8'), 'secret');
  // Nor does a description that names another file lead there.
  writeFileSync(
    join(folder, '20260101-000000-00000000.json'),
    readFileSync(join(folder, 'beside.wav'), 'utf8').replace('not listed', '{"id":"../secret"}'),
  );
  assert.deepEqual(await new CaptureStore(folder, AMPLE).list(), []);
});

test('where nothing can be written, that is said, and nothing is listed that is not there', async () => {
  const file = join(root, 'a-file');
  writeFileSync(file, '');
  const store = new CaptureStore(join(file, 'captures'), AMPLE);
  await assert.rejects(store.add(clip(), 'tiny', new Date()), {
    code: 'WG_STATE_UNUSABLE',
    message: /captures in /,
  });
});
