import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeWav } from '../../src/audio/codecs/wav.js';
import { FileSource } from '../../src/audio/file-source.js';
import { WakegateError } from '../../src/errors.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const samples = voice(16_000, 0.5);
const path = join(folder, 'half-second.wav');
writeFileSync(path, writeWav(samples, 16_000));

test('chunks are of the asked length, numbered, and together the whole file', async () => {
  const source = new FileSource(path, { chunkSamples: 300 });
  const heard: number[] = [];
  for await (const chunk of source) {
    assert.equal(chunk.startSample, heard.length);
    assert.ok(chunk.samples.length === 300 || heard.length + chunk.samples.length === samples.length);
    heard.push(...chunk.samples);
  }
  assert.deepEqual(heard, [...samples]);
  assert.equal(source.name, path);
});

test('the clock counts samples from the moment of opening', async () => {
  const source = new FileSource(path);
  assert.ok(Number.isNaN(source.clock.wallMs(0)));
  const before = Date.now();
  for await (const _ of source) break;
  const start = source.clock.wallMs(0);
  assert.ok(start >= before && start <= Date.now());
  assert.equal(source.clock.wallMs(16_000), start + 1000);
});

test('at real-time pace no chunk comes before its last sample would have been heard', async () => {
  const source = new FileSource(path, { pace: 'realtime' });
  const startMs = performance.now();
  for await (const chunk of source) {
    const heardMs = ((chunk.startSample + chunk.samples.length) * 1000) / 16_000;
    assert.ok(performance.now() - startMs >= heardMs - 5, `sample ${chunk.startSample} came too early`);
  }
});

test('at real-time pace a reader that was slow is caught up with', async () => {
  const source = new FileSource(path, { pace: 'realtime' });
  let resumedMs = 0;
  for await (const _ of source) {
    if (resumedMs > 0) continue;
    await new Promise((resolve) => setTimeout(resolve, 600));
    resumedMs = performance.now();
  }
  // Everything was due when the reader came back; waiting again for each chunk would take 420 ms.
  assert.ok(performance.now() - resumedMs < 400);
});

test('close ends the iteration, also while it waits for its time', { timeout: 5000 }, async () => {
  const source = new FileSource(path, { pace: 'realtime', chunkSamples: 8000 });
  setTimeout(() => source.close(), 20);
  let chunks = 0;
  for await (const _ of source) chunks++;
  assert.equal(chunks, 0);
  await source.close();
});

test('a missing file is reported when it is iterated', async () => {
  const source = new FileSource(join(folder, 'gone.wav'));
  await assert.rejects(
    source[Symbol.asyncIterator]().next(),
    (error) => error instanceof WakegateError && error.code === 'WG_INPUT_NOT_FOUND',
  );
});
