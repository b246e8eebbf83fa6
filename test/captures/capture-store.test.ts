import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Clocks that tests set. */
class SetClocks {
  #monotonicMs = 0;
  #wallMs = Date.now();
  monotonicMs = () => this.#monotonicMs;
  wallMs = () => this.#wallMs;

  pass(days: number): void {
    this.#monotonicMs += days * 86_400_000;
    this.jump(days);
  }

  jump(days: number): void {
    this.#wallMs += days * 86_400_000;
  }
}

test('what is older than so many days is gone, but not what has a label', async () => {
  const clocks = new SetClocks();
  const store = new CaptureStore(join(root, 'days'), { ...AMPLE, days: 2 }, clocks);
  const labelled = await store.add(clip(0.1), 'tiny', new Date());
  await store.label(labelled.id, { label: 'right' });
  await store.add(clip(0.2), 'tiny', new Date());
  clocks.pass(1.5);
  await store.add(clip(0.3), 'tiny', new Date());
  assert.deepEqual(await scores(store), [0.3, 0.2, 0.1]);
  clocks.pass(0.6);
  assert.deepEqual(await scores(store), [0.3, 0.1]);
  clocks.pass(365);
  assert.deepEqual(await scores(store), [0.1]);
});

test('a clock that jumps by a month or a year makes nothing old, while it runs or over a restart', async () => {
  const folder = join(root, 'jumps');
  const clocks = new SetClocks();
  const limits = { ...AMPLE, days: 2 };
  const store = new CaptureStore(folder, limits, clocks);
  await store.add(clip(0.1), 'tiny', new Date(clocks.wallMs()));
  for (const days of [31, -31, 365, -700]) {
    clocks.jump(days);
    await store.prune();
    assert.deepEqual(await scores(store), [0.1], `${days}`);
  }
  clocks.jump(31);
  const later = new CaptureStore(folder, limits, clocks);
  assert.deepEqual(await scores(later), [0.1], 'over a restart');
  clocks.pass(2);
  assert.deepEqual(await scores(later), [], 'half a day of the absence counts');
});

test('captures of a release that did not measure their age begin now', async () => {
  const folder = join(root, 'unmeasured');
  const clocks = new SetClocks();
  const limits = { ...AMPLE, days: 2 };
  await new CaptureStore(folder, AMPLE).add(clip(0.1), 'tiny', new Date(2020, 1));
  const store = new CaptureStore(folder, limits, clocks);
  await store.prune();
  clocks.pass(1.9);
  assert.deepEqual(await scores(store), [0.1]);
  await store.prune();
  const later = new CaptureStore(folder, limits, clocks);
  await later.prune();
  clocks.pass(0.2);
  assert.deepEqual(await scores(later), [], 'and their age is kept over a restart');
});

test('a description of another release is neither listed nor removed', async () => {
  const folder = join(root, 'foreign');
  const whole = await new CaptureStore(folder, AMPLE).add(clip(), 'tiny', new Date());
  const id = '20260101-000000-00000000';
  writeFileSync(join(folder, `${id}.wav`), 'sound');
  writeFileSync(join(folder, `${id}.json`), '{"id":"20260101-000000-00000000","version":2}');
  const again = new CaptureStore(folder, AMPLE);
  assert.deepEqual(await again.list(), [whole]);
  assert.ok(readdirSync(folder).includes(`${id}.wav`));
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

test('labels that come one after the other are written together, the newest of each capture', async () => {
  const folder = join(root, 'flood');
  const store = new CaptureStore(folder, AMPLE);
  const { id } = await store.add(clip(0.1), 'tiny', new Date());
  const path = join(folder, `${id}.json`);
  let writes = 0;
  const watcher = watch(folder, (_event, name) => {
    if (name === `${id}.json`) writes++;
  });
  const words = Array.from({ length: 300 }, (_, n) => `word ${n}`);
  await Promise.all(words.map((word) => store.label(id, { label: 'other', word })));
  watcher.close();
  assert.equal((await store.get(id)).word, 'word 299');
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).word, 'word 299');
  assert.ok(writes < 20, `its file was written ${writes} times for 300 labels`);
  await store.close();
  await assert.rejects(store.label(id, { label: 'right' }), /stopping/);
});

const IN_THE_WAY: Readonly<Record<string, (path: string) => void>> = {
  'a folder': (path) => mkdirSync(join(path, 'not-empty'), { recursive: true }),
  'a pipe': (path) => assert.equal(spawnSync('mkfifo', [path]).status, 0),
  'a link to itself': (path) => symlinkSync(path, path),
  'an empty file': (path) => writeFileSync(path, ''),
};

for (const [what, put] of Object.entries(IN_THE_WAY)) {
  test(`${what} in the place of what captures write is reported, and they are kept`, {
    skip: process.platform === 'win32' && 'there are no pipes with names',
  }, async () => {
    const folder = join(root, `way of ${what}`);
    const first = await new CaptureStore(folder, AMPLE).add(clip(0.1), 'tiny', new Date());
    put(join(folder, 'ages.json'));
    put(join(folder, `ages.json.${process.pid}.new`));
    put(join(folder, '20260101-000000-00000000.wav.77.new'));
    put(join(folder, '20260101-000001-00000000.wav'));
    const notices: string[] = [];
    const store = new CaptureStore(folder, AMPLE);
    store.onNotice = (sentence) => notices.push(sentence);
    await store.prune();
    assert.match(notices.join(), /ages\.json cannot be read/);
    const second = await store.add(clip(0.2), 'tiny', new Date());
    await store.prune();
    assert.deepEqual(await store.list(), [second, first]);
    const { keptMs } = JSON.parse(readFileSync(join(folder, 'ages.json'), 'utf8'));
    assert.deepEqual(Object.keys(keptMs).sort(), [first.id, second.id].sort());
  });
}

test('what somebody removes while it runs is not listed, and more is kept', async () => {
  const folder = join(root, 'removed');
  const store = new CaptureStore(folder, AMPLE);
  const first = await store.add(clip(0.1), 'tiny', new Date());
  rmSync(folder, { recursive: true });
  assert.deepEqual(await store.list(), []);
  const second = await store.add(clip(0.2), 'tiny', new Date());
  rmSync(folder, { recursive: true });
  const third = await store.add(clip(0.3), 'tiny', new Date());
  assert.deepEqual(await store.list(), [third]);
  rmSync(join(folder, `${third.id}.wav`));
  for (const { id } of [first, second, third]) {
    await assert.rejects(store.readWav(id), { code: 'WG_UNKNOWN_NAME' });
  }
});

test('what is too old and cannot be removed does not keep the others from being read', {
  skip: process.getuid?.() !== 0 && 'only root can mount a disk',
}, async (t) => {
  const folder = join(root, 'read-only');
  mkdirSync(folder);
  // In a container without the right to.
  if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status !== 0)
    return t.skip('no disk can be mounted');
  t.after(() => spawnSync('umount', ['-l', folder]));
  const clocks = new SetClocks();
  const store = new CaptureStore(folder, { ...AMPLE, days: 2 }, clocks);
  const { id } = await store.add(clip(), 'tiny', new Date());
  spawnSync('mount', ['-o', 'remount,ro', folder]);
  clocks.pass(3);
  assert.equal((await store.list()).length, 1);
  assert.equal((await store.readWav(id)).length, 3244);
  await assert.rejects(store.prune(), { code: 'WG_STATE_UNUSABLE' });
  spawnSync('mount', ['-o', 'remount,rw', folder]);
  assert.deepEqual(await store.list(), []);
});

test('labels of many captures at once are one write, and are in the files of each soon after', async () => {
  const folder = join(root, 'many-labels');
  const store = new CaptureStore(folder, AMPLE);
  const ids: string[] = [];
  for (let n = 0; n < 8; n++) ids.push((await store.add(clip(n / 10), 'tiny', new Date())).id);
  const labelOf = (id: string) => JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')).label;
  await Promise.all(ids.slice(0, 1).map((id) => store.label(id, { label: 'wrong' })));
  await Promise.all(ids.map((id) => store.label(id, { label: 'right' })));
  const own = ids.filter((id) => labelOf(id) === 'right').length;
  assert.ok(own <= 3, `${own} files were written before all had their labels`);
  const labels = async (of: CaptureStore) => (await of.list()).map(({ label }) => label);
  const right = Array(8).fill('right');
  assert.deepEqual(await labels(store), right);
  // As after a power cut: another process finds all of them, and finishes.
  await store.close();
  const later = new CaptureStore(folder, AMPLE);
  assert.deepEqual(await labels(later), right);
  await later.label(ids[7], { label: 'other', word: 'Juan' });
  while (existsSync(join(folder, 'labels.json'))) await sleep(20);
  assert.deepEqual(ids.map(labelOf), [...right.slice(1), 'other']);
  assert.equal((await new CaptureStore(folder, AMPLE).get(ids[7])).word, 'Juan');
});
