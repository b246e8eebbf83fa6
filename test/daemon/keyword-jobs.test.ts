import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeWav } from '../../src/audio/index.js';
import { KeywordJobs } from '../../src/daemon/keyword-jobs.js';
import { KeywordFolder, MODELS_DIRECTORY } from '../../src/model/index.js';
import type { KeywordJob } from '../../src/protocol/index.js';
import { withTurn } from '../../src/training/own/turn.js';
import { deafKeyword } from '../support/own-keyword.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();

/** The jobs of a daemon whose state is there, and what is reported of them. */
class Jobs extends KeywordJobs {
  readonly reported: KeywordJob[];
  #changed = () => {};

  constructor(t: TestContext, state: string) {
    const reported: KeywordJob[] = [];
    super({
      folder: join(state, 'keyword-jobs'),
      cache: join(state, 'cache'),
      pack: () => ({
        directory: join(MODELS_DIRECTORY, 'wake-words-en'),
        name: 'wake-words-en',
        taken: ['alexa'],
      }),
      own: new KeywordFolder(state),
      captures: { folder: join(state, 'captures'), list: async () => [] },
      put: async () => assert.fail('none of these can be made'),
      onChange: (job) => {
        reported.push(job);
        this.#changed();
      },
    });
    this.reported = reported;
    t.after(() => this.close());
  }

  /** The first report that fits, now or later. */
  async report(fits: (job: KeywordJob) => boolean): Promise<KeywordJob> {
    for (;;) {
      const found = this.reported.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

const newState = () => mkdtempSync(join(folder, 'state-'));

test('phrases and names that cannot be are refused at once', async (t) => {
  const state = newState();
  const jobs = new Jobs(t, state);
  await new KeywordFolder(state).write(await deafKeyword('uber', 'über'));
  for (const [request, message] of [
    [{ phrase: ' ' }, /^the phrase is empty/],
    [{ phrase: 'ab'.repeat(30) }, /has 60 letters, and 40 are the most/],
    [{ phrase: 'привет' }, /no English voice can say/],
    [{ phrase: 'привет', language: 'ru' }, /^no name can be made of "привет"/],
    [{ phrase: 'łąć', name: '' }, /^no name can be made of "łąć"/],
    [{ phrase: 'Alexa!' }, /there is a keyword alexa in wake-words-en already: choose another name$/],
    [{ phrase: 'uber' }, /there is a keyword uber of your own already, which is "über"/],
  ] as const) {
    await assert.rejects(jobs.add(request), { code: 'WG_KEYWORD_INVALID', message }, request.phrase);
  }
  assert.deepEqual(jobs.list(), []);
  assert.ok(!existsSync(join(state, 'keyword-jobs')));
});

test('takes that cannot be used are named, and nothing is left of the job', async (t) => {
  const state = newState();
  const jobs = new Jobs(t, state);
  const silence = Buffer.from(writeWav(new Int16Array(32_000), 16_000)).toString('base64');
  await jobs.add({ phrase: 'hey kitchen', takes: [silence, Buffer.from('no sound').toString('base64')] });
  const first = await jobs.report(({ state }) => state === 'failed');
  assert.match(first.problem!, /take-2\.wav/, 'one that is no sound file at all');
  await jobs.add({ phrase: 'hey kitchen', takes: [silence, silence] });
  const second = await jobs.report((job) => job !== first && job.state === 'failed');
  assert.match(second.problem!, /^take-1\.wav is silent; take-2\.wav is silent: record again, or leave out$/);
  assert.deepEqual(readdirSync(join(state, 'keyword-jobs')), []);
});

test('what a daemon leaves half done is continued by the next', async (t) => {
  const state = newState();
  const first = new Jobs(t, state);
  await first.add({ phrase: 'uh' });
  await first.add({ phrase: 'oh' });
  first.close();
  const next = new Jobs(t, state);
  await next.resume();
  for (const phrase of ['oh', 'uh']) {
    const failed = await next.report((job) => job.phrase === phrase && job.state === 'failed');
    assert.match(failed.problem!, /too short/);
  }
  assert.deepEqual(readdirSync(join(state, 'keyword-jobs')), []);
});

test('a job ends with the daemon that asked for it, however that ends', async (t) => {
  const state = newState();
  const job = join(state, 'job');
  mkdirSync(job);
  const file = { model: join(MODELS_DIRECTORY, 'wake-words-en'), name: 'hey', phrase: 'uh', takes: [] };
  writeFileSync(join(job, 'job.json'), JSON.stringify({ ...file, cache: join(state, 'cache') }));
  const program = fileURLToPath(new URL('../../src/training/own/job.js', import.meta.url));
  await withTurn(join(state, 'cache'), assert.fail, async () => {
    const child = fork(program, [job], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    t.after(() => child.kill('SIGKILL'));
    const asks = () => readdirSync(join(state, 'cache')).some((name) => name.startsWith('turn.'));
    while (!asks()) await new Promise(setImmediate);
    child.disconnect();
    await once(child, 'exit');
  });
});

test('a job waits while the command line makes a keyword', async (t) => {
  const state = newState();
  const jobs = new Jobs(t, state);
  let failed: Promise<KeywordJob> | null = null;
  await withTurn(join(state, 'cache'), assert.fail, async () => {
    await jobs.add({ phrase: 'uh' });
    failed = jobs.report(({ state }) => state === 'failed');
    // Its process has begun when it says so by its own file of the turn.
    const asks = () => readdirSync(join(state, 'cache')).some((name) => name.startsWith('turn.'));
    while (!asks()) await new Promise(setImmediate);
    assert.ok(!jobs.reported.some(({ state }) => state === 'failed'));
  });
  assert.match((await failed!).problem!, /too short/);
});

test('a full disk refuses the job, and nothing is left of it', {
  skip: process.getuid?.() !== 0 && 'only root can mount a disk',
}, async (t) => {
  const state = newState();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', state]);
  if (mounted.status !== 0) return t.skip('no disk can be mounted');
  t.after(() => spawnSync('umount', ['-l', state]));
  const jobs = new Jobs(t, state);
  const take = Buffer.from(writeWav(new Int16Array(64_000), 16_000)).toString('base64');
  await assert.rejects(jobs.add({ phrase: 'hey kitchen', takes: [take] }), {
    code: 'WG_STATE_UNUSABLE',
    message: /^keyword hey_kitchen cannot be made, since .* cannot be written: ENOSPC: no space left/,
  });
  assert.deepEqual(jobs.list(), []);
  assert.deepEqual(readdirSync(join(state, 'keyword-jobs')), []);
});
