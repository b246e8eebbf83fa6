import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KeywordSpotter, microphone, SupervisedMicrophone } from '../src/index.js';
import { fakeRecorders } from './support/fake-recorder.js';
import { s16le } from './support/signals.js';
import { spokenWords } from './support/spoken-words.js';
import { temporaryFolder } from './support/temp-folder.js';

const folder = temporaryFolder();
const RAW = join(folder, 'words.raw');

test('a microphone is listened to until the signal, and its recorder has ended then', async (t) => {
  const { samples } = await spokenWords(2);
  writeFileSync(RAW, s16le(samples));
  const { arecord } = fakeRecorders(t, folder, { arecord: `play(${JSON.stringify(RAW)}); stay()` });
  const controller = new AbortController();
  const { signal } = controller;
  const source = microphone({ recorder: 'arecord', startTimeoutMs: 60_000, dataTimeoutMs: 60_000 });
  assert.ok(source instanceof SupervisedMicrophone);
  const heard: string[] = [];
  {
    await using spotter = await KeywordSpotter.load({
      model: 'wake-words-en',
      keywords: ['alexa', 'computer'],
      backend: 'wasm',
    });
    for await (const { keyword, score, time } of spotter.listen(source, { signal })) {
      heard.push(keyword);
      assert.ok(score > 0.5 && time > 1 && time < 4);
      assert.ok(arecord.isRunning());
      if (heard.length === 2) controller.abort();
    }
    assert.ok(!arecord.isRunning());
    assert.equal(spotter.status().state, 'awake');
  }
  assert.deepEqual(heard, ['alexa', 'computer']);
});

test('without a recorder the loop says so', async (t) => {
  fakeRecorders(t, folder, {});
  await using spotter = await KeywordSpotter.load();
  await assert.rejects(
    async () => {
      for await (const _ of spotter.listen(microphone())) assert.fail('nothing can be heard');
    },
    { code: 'WG_RECORDER_MISSING' },
  );
});
