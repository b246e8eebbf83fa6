import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { readAudioFile } from '../../src/audio/index.js';
import { ExampleProcess, keywordsIn, SAID, SAMPLE } from '../support/example-process.js';
import { fakeRecorders } from '../support/fake-recorder.js';
import { s16le } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();

test('examples/file.js says what is heard in each file', async (t) => {
  const { code, stdout, stderr } = await new ExampleProcess(t, 'file.js', [SAMPLE, SAMPLE]).finished;
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(keywordsIn(stdout), [...SAID, ...SAID]);
  assert.match(stdout, /^\S+demo\.wav: \d\d\.\d s, 5 keywords$/m);
});

test('examples/stdin.js hears 48 kHz stereo that is piped into it, and ends with it', async (t) => {
  const mono = await readAudioFile(SAMPLE);
  // Three of the same for each sample is 48 kHz, with images above 8 kHz that resampling takes out; twice is stereo.
  const samples = new Int16Array(mono.length * 6);
  mono.forEach((sample, i) => {
    samples.fill(sample, 6 * i, 6 * i + 6);
  });
  const example = new ExampleProcess(t, 'stdin.js');
  example.child.stdin!.end(s16le(samples));
  const { code, stdout, stderr } = await example.finished;
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(keywordsIn(stdout), SAID);
});

test('examples/microphone.js hears what a recorder gives it, and only the keyword that it names', async (t) => {
  const file = join(folder, 'speech.raw');
  writeFileSync(file, s16le(await readAudioFile(SAMPLE)));
  const path = process.env.PATH;
  const { arecord } = fakeRecorders(t, folder, { arecord: `play(${JSON.stringify(file)}); stay();` });
  const PATH = `${process.env.PATH}${delimiter}${path}`;
  const example = new ExampleProcess(t, 'microphone.js', ['computer'], { PATH });
  await example.match(/ {2}computer {2}/);
  assert.ok(arecord.isRunning());
  example.child.kill('SIGINT');
  const { code, stdout, stderr } = await example.finished;
  assert.equal(code, 0, stderr);
  assert.deepEqual(keywordsIn(stdout), ['computer']);
  assert.match(stderr, /^Listening for computer$/m);
  assert.match(stderr, /^Listening took \d+ ms of CPU\.$/m);
  assert.ok(!arecord.isRunning(), 'the microphone is closed');
});

test('examples/fastify/app.js answers with what is heard in a body, and says no to one that is no audio', async (t) => {
  const app = new ExampleProcess(t, 'fastify/app.js', ['0']);
  const [url] = await app.match(/http:\S+/);
  const post = (body: Buffer) =>
    fetch(`${url}/heard`, { method: 'POST', headers: { 'content-type': 'audio/wav' }, body });

  const answers = await Promise.all([post(readFileSync(SAMPLE)), post(readFileSync(SAMPLE))]);
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    const { detections } = (await answer.json()) as { detections: { keyword: string; time: number }[] };
    assert.deepEqual(
      detections.map(({ keyword }) => keyword),
      ['alexa', 'computer', 'jarvis'],
    );
    assert.ok(Math.abs(detections[0].time - 1.88) < 0.2, 'alexa is over 1.9 s after the start');
  }
  const refusal = await post(Buffer.from('this is no audio'));
  assert.equal(refusal.status, 415);
  assert.match(((await refusal.json()) as { error: string }).error, /audio/);
  const keywords = (await (await fetch(`${url}/keywords`)).json()) as { name: string; enabled: boolean }[];
  assert.deepEqual(
    keywords.filter(({ enabled }) => enabled).map(({ name }) => name),
    ['alexa', 'computer', 'jarvis'],
  );

  app.child.kill('SIGTERM');
  const { code, stderr } = await app.finished;
  assert.deepEqual([code, stderr], [0, '']);
});
