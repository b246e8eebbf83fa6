import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import fastifyWebsocket from '@fastify/websocket';
import { Value } from '@sinclair/typebox/value';
import { fastify } from 'fastify';
import WebSocket from 'ws';
import { type DaemonEvent, MAX_STREAMS } from '../../../src/protocol/index.js';
import { StreamFinishedSchema } from '../../../src/protocol/schemas/index.js';
import { noActivity } from '../../../src/server/activity.js';
import { listenRoutes } from '../../../src/server/routes/listen.js';
import { Subscriber, startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { openConnection } from '../../support/raw-http.js';
import { s16le, voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeVoiceFile } from '../../support/voice-file.js';

const folder = temporaryFolder();
const idle = wavFile(folder, 'idle.wav', new Int16Array(16_000 * 60));
const { samples, pack, expected } = await makeVoiceFile(folder);

const start = (t: TestContext) => startDaemon(t, { model: pack.directory, input: idle });

/** A stream that is sent, and all that is answered. */
class Stream {
  readonly socket: WebSocket;
  readonly events: DaemonEvent[] = [];
  /** What was last said, and the code that it was closed with. */
  readonly ended: Promise<{ code: number; last: unknown }>;

  constructor(t: TestContext, url: string, query = '') {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/v1/listen${query}`);
    let last: unknown = null;
    this.socket.on('message', (data) => {
      last = JSON.parse(String(data));
      this.events.push(last as DaemonEvent);
    });
    this.ended = once(this.socket, 'close').then(([code]) => ({ code, last }));
    this.ended.catch(() => {});
    t.after(() => this.socket.terminate());
  }

  async send(bytes: Buffer, pieceBytes: number): Promise<this> {
    if (this.socket.readyState !== WebSocket.OPEN) await once(this.socket, 'open');
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      this.socket.send(bytes.subarray(at, at + pieceBytes));
    }
    return this;
  }

  get detections() {
    return this.events.flatMap((event) =>
      event.type === 'detection'
        ? [
            {
              keyword: event.keyword,
              time: Number(event.seconds.toFixed(3)),
              score: Number(event.score.toFixed(6)),
            },
          ]
        : [],
    );
  }
}

const FINISH = JSON.stringify({ type: 'finish' });

test('a stream gets the detections of a file with the same sound, however it is cut, and nothing of the input', async (t) => {
  const { url } = await start(t);
  for (const pieceBytes of [2560, 4001, 60_000]) {
    const stream = await new Stream(t, url!).send(s16le(samples), pieceBytes);
    stream.socket.send(FINISH);
    const { code, last } = await stream.ended;
    assert.equal(code, 1000);
    assert.deepEqual(stream.detections, expected.detections, `pieces of ${pieceBytes} bytes`);
    const { seconds } = Value.Parse(StreamFinishedSchema, last);
    assert.equal(seconds, expected.seconds);
    const types = new Set(stream.events.map(({ type }) => type as string));
    assert.deepEqual([...types].sort(), ['detection', 'finished', 'gate']);
  }
});

test('streams at the same time do not disturb each other, nor send subscribers anything', async (t) => {
  const daemon = await start(t);
  const subscriber = new Subscriber(t, daemon.url!, '?types=detection');
  await subscriber.message('snapshot');
  const streams = Array.from({ length: 12 }, () => new Stream(t, daemon.url!));
  await Promise.all(streams.map((stream) => stream.send(s16le(samples), 2560)));
  for (const { socket } of streams) socket.send(FINISH);
  for (const stream of streams) {
    assert.equal((await stream.ended).code, 1000);
    assert.deepEqual(stream.detections, expected.detections);
  }
  assert.equal(subscriber.messages.length, 1);
  assert.equal(daemon.status().classifier.dropped, 0);
});

test('a keyword that is changed is changed for streams that are open', async (t) => {
  const daemon = await start(t);
  const stream = new Stream(t, daemon.url!);
  await stream.send(s16le(samples.subarray(0, 1600)), 3200);
  for (const { name } of daemon.keywords()) await daemon.changeKeyword(name, { enabled: false });
  await stream.send(s16le(samples.subarray(1600)), 2560);
  stream.socket.send(FINISH);
  await stream.ended;
  assert.deepEqual(stream.detections, []);
});

test('another rate and more channels are converted', async (t) => {
  const { url } = await start(t);
  const mono = voice(8000, 1);
  const stereo = Int16Array.from({ length: 2 * 8000 }, (_, i) => mono[i >> 1]);
  const stream = await new Stream(t, url!, '?rate=8000&channels=2').send(s16le(stereo), 4000);
  stream.socket.send(FINISH);
  const { seconds } = Value.Parse(StreamFinishedSchema, (await stream.ended).last);
  assert.equal(seconds, 1);
});

test('what makes no sense is refused: before the upgrade where it can be, with a close code after', async (t) => {
  const { url } = await start(t);
  for (const query of ['?rate=5', '?rate=x', '?channels=9', '?sampleRate=8000']) {
    const [error] = await once(new Stream(t, url!, query).socket, 'error');
    assert.match(String(error), /400/, query);
  }
  assert.equal((await fetch(`${url}/v1/listen`)).status, 426);
  for (const text of ['hello', '{"type":"start"}', 'null']) {
    const stream = await new Stream(t, url!).send(Buffer.alloc(320), 320);
    stream.socket.send(text);
    assert.equal((await stream.ended).code, 1003, text);
  }
  const big = await new Stream(t, url!).send(Buffer.alloc(70_000), 70_000);
  assert.equal((await big.ended).code, 1009);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
});

test('a file or floats in place of raw samples are refused with what they are', async (t) => {
  const { url } = await start(t);
  const floats = Float32Array.from(samples.subarray(0, 8000), (sample) => sample / 32_768);
  for (const [bytes, says] of [
    [Buffer.from('1a45dfa3a3428681014286810142f7', 'hex'), /WebM/],
    [Buffer.concat([Buffer.from('RIFF....WAVEfmt '), Buffer.alloc(100)]), /a WAV file/],
    [Buffer.from(floats.buffer), /32-bit floats/],
  ] as const) {
    const stream = await new Stream(t, url!).send(bytes, 4096);
    const { last } = await stream.ended;
    const { code, message } = last as { code: string; message: string };
    assert.equal(code, 'WG_AUDIO_UNSUPPORTED');
    assert.match(message, says);
  }
});

test('with too many streams open, another is asked to try again later', async (t) => {
  const { url } = await start(t);
  const streams = Array.from({ length: MAX_STREAMS }, () => new Stream(t, url!));
  await Promise.all(streams.map(({ socket }) => once(socket, 'open')));
  const [error] = await once(new Stream(t, url!).socket, 'error');
  assert.match(String(error), /429/);
  streams[0].socket.terminate();
  await streams[0].ended;
  for (;;) {
    const { socket } = new Stream(t, url!);
    const isOpen = await once(socket, 'open').then(
      () => true,
      () => false,
    );
    if (isOpen) break;
  }
});

async function impatient(t: TestContext, lookMs: number) {
  const daemon = await start(t);
  const activity = noActivity();
  const app = fastify();
  app.register(fastifyWebsocket);
  app.register(listenRoutes, { service: daemon, activity, lookMs });
  t.after(() => app.close());
  return { activity, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

test('one that sends nothing at first is dropped at the first look, and one that hardly sends anything later', async (t) => {
  const { activity, url } = await impatient(t, 50);
  const startMs = performance.now();
  const silent = new Stream(t, url);
  let isLittleDropped = false;
  const little = await new Stream(t, url).send(s16le(samples.subarray(0, 160)), 320);
  little.ended.then(() => {
    isLittleDropped = true;
  });
  assert.equal((await silent.ended).code, 1008);
  assert.equal(isLittleDropped, false);
  assert.equal((await little.ended).code, 1008);
  assert.ok(performance.now() - startMs >= 6 * 50);
  while (activity.streams > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('where all places are taken, a quiet stream makes room for the next', async (t) => {
  const { url } = await impatient(t, 1500);
  const little = s16le(samples.subarray(0, 160));
  const streams = await Promise.all(
    Array.from({ length: MAX_STREAMS }, () => new Stream(t, url).send(little, 320)),
  );
  const codes: number[] = [];
  for (const { ended } of streams) ended.then(({ code }) => codes.push(code));
  // Before the next look nobody is quiet; after it, one of them is enough.
  for (let isOpen = false; !isOpen; ) {
    isOpen = await once(new Stream(t, url).socket, 'open').then(
      () => true,
      () => false,
    );
  }
  while (codes.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(codes[0], 1013);
});

test('a stream that is open when the daemon stops is notified', async (t) => {
  const daemon = await start(t);
  const stream = await new Stream(t, daemon.url!).send(s16le(samples), 60_000);
  await daemon.stop();
  assert.equal((await stream.ended).code, 1001);
});

test('one that is refused and goes on sending gives its place back, and is cut off', async (t) => {
  const daemon = await start(t);
  const rude = await openConnection(t, daemon.url!);
  const { host } = new URL(daemon.url!);
  const head = ['GET /v1/listen HTTP/1.1', `Host: ${host}`, 'Connection: Upgrade', 'Upgrade: websocket'];
  const rest = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''];
  rude.write([...head, ...rest].join('\r\n'));
  await once(rude, 'data');
  const ended = new Promise((resolve) => rude.once('close', resolve));
  rude.resume();
  rude.write(Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from('hello')]));
  const samples = Buffer.concat([Buffer.from([0x82, 0xfe, 0x0c, 0x80, 0, 0, 0, 0]), Buffer.alloc(3200)]);
  const sending = setInterval(() => rude.write(samples), 50);
  t.after(() => clearInterval(sending));
  const streams = async () => {
    const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
    return Number(metrics.match(/^wakegate_streams (\d+)$/m)![1]);
  };
  while ((await streams()) > 0);
  await ended;
});
