import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import WebSocket from 'ws';
import { writeWav } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import { detectFile } from '../../src/detect-audio.js';
import { MAX_STREAMS } from '../../src/protocol/index.js';
import { wavFile } from '../support/daemon-fixture.js';
import { s16le, voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess } from '../support/wakegate-process.js';

const folder = temporaryFolder();

/** What a resampler for each of 64 streams may take, with the thread that they run on: some 12 MB. */
const MOST_KB = 32 * 1024;

/** A message of a WebSocket may be 64 KiB. */
const PIECE_BYTES = 8000;

/** A stream of `/v1/listen` at a rate of its own, and what was heard in it. */
class Stream {
  readonly #socket: WebSocket;
  readonly #heard: { keyword: string; time: number; score: number }[] = [];
  readonly #closed: Promise<unknown>;

  constructor(t: TestContext, url: string, rate: number) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/v1/listen?rate=${rate}`);
    this.#socket.on('message', (data) => {
      const { type, keyword, seconds, score } = JSON.parse(String(data));
      if (type !== 'detection') return;
      this.#heard.push({ keyword, time: Number(seconds.toFixed(3)), score: Number(score.toFixed(6)) });
    });
    this.#closed = once(this.#socket, 'close');
    t.after(() => this.#socket.terminate());
  }

  async send(bytes: Buffer): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) await once(this.#socket, 'open');
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      this.#socket.send(bytes.subarray(at, at + PIECE_BYTES));
  }

  async finish() {
    this.#socket.send(JSON.stringify({ type: 'finish' }));
    await this.#closed;
    return this.#heard;
  }
}

test('64 streams at 8 kHz take little memory, and each is heard as a file is', {
  skip: process.platform !== 'linux' && 'reads /proc',
}, async (t) => {
  const samples = voice(8000, 4);
  const file = join(folder, 'voice.wav');
  writeFileSync(file, writeWav(samples, 8000));
  const pack = await makeTinyPack(join(folder, 'pack'));
  const classifier = new Classifier({ pack, backend: 'wasm' });
  const { detections } = await detectFile(file, { pack, classifier });
  await classifier.close();
  assert.ok(detections.length > 0, 'there is something to compare');

  // Settings of the allocator as in `npm start`.
  const env = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '65536' };
  const idle = wavFile(folder, 'idle.wav', new Int16Array(16_000));
  const daemon = new WakegateProcess(
    t,
    [
      'run',
      '--input',
      idle,
      '--port',
      '0',
      '--backend',
      'wasm',
      '--model',
      pack.directory,
      '--idle-seconds',
      '600',
    ],
    {
      env: { ...env, WAKEGATE_STATE_DIRECTORY: join(folder, 'state') },
      nodeFlags: ['--max-semi-space-size=1'],
    },
  );
  const url = await daemon.url();
  const residentKb = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.child.pid}/status`, 'latin1'))![1]);
  const bytes = s16le(samples);

  // As many streams that need no resampling wake the classifier, and take what streams take in any case.
  const first = await Promise.all(
    Array.from({ length: MAX_STREAMS }, async () => {
      const stream = new Stream(t, url, 16_000);
      await stream.send(s16le(voice(16_000, 4)));
      return stream.finish();
    }),
  );
  for (const found of first) assert.ok(found.length > 0, 'the classifier is awake');
  const beforeKb = residentKb();

  const streams = Array.from({ length: MAX_STREAMS }, () => new Stream(t, url, 8000));
  let mostKb = 0;
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    await Promise.all(streams.map((stream) => stream.send(bytes.subarray(at, at + PIECE_BYTES))));
    mostKb = Math.max(mostKb, residentKb());
  }
  const heard = await Promise.all(streams.map((stream) => stream.finish()));
  mostKb = Math.max(mostKb, residentKb());
  for (const found of heard) assert.deepEqual(found, detections);
  console.log(beforeKb, mostKb);
  assert.ok(mostKb - beforeKb < MOST_KB, `from ${beforeKb} to ${mostKb} kB`);
});
