import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { MAX_DETECTIONS } from '../../../src/protocol/index.js';
import { startDaemon, wavFile } from '../../support/daemon-fixture.js';
import {
  flacBomb,
  flacHeaders,
  flacOfManyRates,
  mp3Headers,
  oggFlacBomb,
  wavOfChannels,
} from '../../support/hostile-audio.js';
import { s16le } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeVoiceFile } from '../../support/voice-file.js';

const folder = temporaryFolder();
const idle = wavFile(folder, 'idle.wav', new Int16Array(16_000 * 60));
const { samples, pack, expected } = await makeVoiceFile(folder);

/** What a body takes on the thread that listens, whatever is in it. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Most bytes that buffers of this thread hold, next to what they held at the start. */
class BufferWatch {
  growth = 0;
  readonly #start = BufferWatch.#bytes();
  readonly #timer = setInterval(() => this.look(), 1);

  look(): void {
    this.growth = Math.max(this.growth, BufferWatch.#bytes() - this.#start);
  }

  end(): void {
    this.look();
    clearInterval(this.#timer);
  }

  static #bytes(): number {
    const { arrayBuffers, external } = process.memoryUsage();
    return Math.max(arrayBuffers, external);
  }
}

test('small bodies that unfold to gigabytes are refused, while streams are heard as ever', async (t) => {
  const daemon = await startDaemon(t, { model: pack.directory, input: idle });
  const send = (body: Buffer, type = 'audio/flac') =>
    fetch(`${daemon.url}/v1/detect`, { method: 'POST', headers: { 'content-type': type }, body });
  const bodies: [body: Buffer, type: string, status: number, code: string | undefined][] = [
    // 50 frames in 2 kB are 55 minutes.
    [flacBomb(50, 1000), 'audio/flac', 413, 'WG_TOO_LARGE'],
    [oggFlacBomb(6), 'audio/ogg', 200, undefined],
    [flacHeaders(2_000_000), 'audio/flac', 400, 'WG_AUDIO_INVALID'],
    [mp3Headers(104 * 500), 'audio/mpeg', 200, undefined],
    [wavOfChannels(65_535), 'audio/wav', 415, 'WG_AUDIO_UNSUPPORTED'],
    [flacOfManyRates(100), 'audio/flac', 400, 'WG_AUDIO_INVALID'],
  ];
  // A stream that runs all the while, and must not miss anything.
  const socket = new WebSocket(`${daemon.url!.replace('http', 'ws')}/v1/listen`);
  const heard: { keyword: string; time: number; score: number }[] = [];
  socket.on('message', (data) => {
    const event = JSON.parse(String(data));
    if (event.type !== 'detection') return;
    heard.push({
      keyword: event.keyword,
      time: Number(event.seconds.toFixed(3)),
      score: Number(event.score.toFixed(6)),
    });
  });
  const closed = once(socket, 'close');
  await once(socket, 'open');
  const bytes = s16le(samples);
  const share = 2 * Math.floor(samples.length / (bodies.length + 1));

  const watch = new BufferWatch();
  for (const [n, [body, type, status, code]] of bodies.entries()) {
    socket.send(bytes.subarray(n * share, (n + 1) * share));
    const answer = await send(body, type);
    const { error } = (await answer.json()) as { error?: { code: string; message: string } };
    assert.deepEqual([answer.status, error?.code], [status, code], error?.message);
  }
  // As many at a time as are taken.
  const answers = await Promise.all(Array.from({ length: MAX_DETECTIONS }, () => send(flacBomb(4))));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  watch.end();
  assert.ok(watch.growth < MOST_BYTES, `${(watch.growth / 2 ** 20).toFixed(1)} MiB were held`);

  socket.send(bytes.subarray(bodies.length * share));
  socket.send(JSON.stringify({ type: 'finish' }));
  const [closeCode] = await closed;
  assert.equal(closeCode, 1000);
  assert.deepEqual(heard, expected.detections);
  assert.equal(daemon.status().input.gaps, 0);
  assert.equal(daemon.status().classifier.dropped, 0);
});

test('64 streams at another rate hold little on the thread that listens, and lose nothing', async (t) => {
  const daemon = await startDaemon(t, { model: pack.directory, input: idle });
  const watch = new BufferWatch();
  const finished = await Promise.all(
    Array.from({ length: 64 }, async () => {
      const socket = new WebSocket(`${daemon.url!.replace('http', 'ws')}/v1/listen?rate=8000`);
      let last: { type?: string; seconds?: number } = {};
      socket.on('message', (data) => {
        last = JSON.parse(String(data));
      });
      await once(socket, 'open');
      for (let piece = 0; piece < 10; piece++) {
        socket.send(Buffer.alloc(3200));
        await sleep(1);
      }
      socket.send(JSON.stringify({ type: 'finish' }));
      await once(socket, 'close');
      return last;
    }),
  );
  watch.end();
  for (const last of finished) assert.deepEqual(last, { type: 'finished', samples: 32_000, seconds: 2 });
  assert.ok(watch.growth < MOST_BYTES, `${(watch.growth / 2 ** 20).toFixed(1)} MiB were held`);
});
