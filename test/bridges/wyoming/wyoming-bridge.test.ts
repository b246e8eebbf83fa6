import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { WyomingBridge, type WyomingBridgeOptions } from '../../../src/bridges/wyoming/index.js';
import type { Daemon } from '../../../src/daemon/daemon.js';
import { Places } from '../../../src/network/index.js';
import type { Service } from '../../../src/service.js';
import { startDaemon, wavFile } from '../../support/daemon-fixture.js';

import { temporaryFolder } from '../../support/temp-folder.js';
import { makeVoiceFile } from '../../support/voice-file.js';
import { frame, WyomingClient } from '../../support/wyoming-client.js';

const folder = temporaryFolder();
const idle = wavFile(folder, 'idle.wav', new Int16Array(16_000 * 60));
const { samples, pack, expected } = await makeVoiceFile(folder);
const logger = pino({ level: 'silent' });
const FORMAT = { rate: 16_000, width: 2, channels: 1 };

/** What a sender should be told whose clock stands at `startMs` when its audio begins. */
const expectedFrom = (startMs: number) =>
  expected.detections.map(({ keyword, time }) => ({
    name: keyword,
    timestamp: Math.round(startMs + 1000 * time),
  }));

/** One for all tests, which have bridges of their own. */
let daemon: Daemon;
const cleanups: (() => unknown)[] = [];
before(async () => {
  daemon = await startDaemon(
    { after: (cleanup: () => unknown) => cleanups.push(cleanup) } as unknown as TestContext,
    {
      model: pack.directory,
      input: idle,
    },
  );
});
after(async () => {
  for (const cleanup of cleanups) await cleanup();
});

/** A bridge over the daemon, or what stands for it, on a free port. */
async function startBridge(t: TestContext, options: Partial<WyomingBridgeOptions> = {}): Promise<number> {
  const bridge = new WyomingBridge({
    service: daemon,
    logger,
    onProblem: () => {},
    server: { host: '127.0.0.1', port: 0, files: 1024 },
    zeroconf: false,
    peers: [],
    ...options,
  });
  t.after(() => bridge.stop());
  await bridge.start();
  return bridge.port!;
}

/** The daemon with other places for streams. */
function withPlaces(streamPlaces: Places): Service {
  return {
    events: daemon.events,
    streamPlaces,
    openStream: (format: object) => daemon.openStream(format),
    keywords: () => daemon.keywords(),
    status: () => daemon.status(),
  } as unknown as Service;
}

/** Interleaved: every sample in each channel, in so many bytes, of which the lowest hold something. */
function widened(values: Int16Array, width: 3 | 4, channels: number): Uint8Array {
  const out = Buffer.alloc(values.length * width * channels, 0x55);
  for (let i = 0; i < values.length * channels; i++)
    out.writeInt16LE(values[Math.floor(i / channels)], i * width + width - 2);
  return out;
}

test('describe is answered without waking the classifier', async (t) => {
  const client = new WyomingClient(t, await startBridge(t)).send('describe');
  const { data } = await client.event('info');
  const [program] = data.wake as Record<string, unknown>[];
  assert.equal(program.name, 'wakegate');
  const models = program.models as Record<string, unknown>[];
  assert.deepEqual(
    models.map(({ name }) => name),
    ['one', 'two'],
  );
  for (const artifact of [program, ...models]) {
    assert.equal(artifact.installed, true);
    assert.equal(typeof artifact.version, 'string');
    assert.deepEqual(Object.keys(artifact.attribution as object), ['name', 'url']);
  }
  for (const { languages, phrase } of models)
    assert.deepEqual([languages, typeof phrase], [['en'], 'string']);
  assert.equal(daemon.status().classifier.wakes, 0);
});

test('audio is answered with the detections of a file with the same sound, in the time of the sender', async (t) => {
  const port = await startBridge(t);
  for (const chunkSamples of [160, 1280, 30_011]) {
    const client = new WyomingClient(t, port)
      .send('detect', { names: null })
      .send('audio-start', { rate: 16_000, width: 2, channels: 1, timestamp: 5_000_000 })
      .sendAudio(samples, { chunkSamples, startMs: 5_000_000 })
      .send('audio-stop', { timestamp: null })
      .send('ping', { text: 'over' });
    await client.event('pong');
    assert.deepEqual(client.detections, expectedFrom(5_000_000), `chunks of ${chunkSamples}`);
    assert.ok(!client.received.some(({ type }) => type === 'not-detected'));
  }
});

test('a satellite that asks again after each wake, over one connection, gets every one', async (t) => {
  const [{ keyword }] = expected.detections;
  const client = new WyomingClient(t, await startBridge(t)).send('detect', { names: [keyword] });
  for (let wakes = 1; wakes <= 6; wakes++) {
    // As wyoming-satellite does it: no audio-start, and nothing is sent here from the wake until the answer is over.
    client.sendAudio(samples, { chunkSamples: 1024, startMs: wakes * 60_000 });
    const { timestamp } = expectedFrom(wakes * 60_000)[0];
    while (!client.detections.some((detection) => detection.timestamp === timestamp))
      await once(client.socket, 'taken');
    client.send('detect', { names: [keyword] });
  }
});

test('where the sender gives no time, neither does the detection', async (t) => {
  const client = new WyomingClient(t, await startBridge(t)).sendAudio(samples).send('audio-stop');
  const { data } = await client.event('detection');
  assert.deepEqual(data, { name: expected.detections[0].keyword, timestamp: null });
});

test('samples of three and four bytes, and of several channels, are heard as those of two', async (t) => {
  const port = await startBridge(t);
  for (const { width, channels } of [
    { width: 3, channels: 1 },
    { width: 4, channels: 2 },
  ] as const) {
    const client = new WyomingClient(t, port);
    const bytes = widened(samples, width, channels);
    const size = width * channels * 1000;
    for (let at = 0; at < bytes.length; at += size)
      client.send(
        'audio-chunk',
        { rate: 16_000, width, channels, timestamp: at / (width * channels * 16) },
        bytes.subarray(at, at + size),
      );
    await client.send('audio-stop').send('ping').event('pong');
    assert.deepEqual(client.detections, expectedFrom(0), `${channels} x ${width} bytes`);
  }
});

test('only the keywords that were asked for are reported, and a name that nobody listens for is refused', async (t) => {
  const port = await startBridge(t);
  const all = new Set(expected.detections.map(({ keyword }) => keyword));
  for (const name of ['one', 'two']) {
    const client = new WyomingClient(t, port).send('detect', { names: [name, 'hey_nobody'] });
    await client.sendAudio(samples).send('audio-stop').send('ping').event('pong');
    const names = new Set(client.detections.map((detection) => detection.name));
    assert.deepEqual([...names], all.has(name) ? [name] : []);
    assert.equal(
      client.received.some(({ type }) => type === 'not-detected'),
      !all.has(name),
    );
  }
  const client = new WyomingClient(t, port).send('detect', { names: ['hey_nobody'] });
  const { data } = await client.event('error');
  assert.equal(data.code, 'WG_UNKNOWN_NAME');
  await client.send('detect', { names: [] }).sendAudio(samples).event('detection');
});

test('audio that ends without a wake word is answered with not-detected', async (t) => {
  const client = new WyomingClient(t, await startBridge(t))
    .send('detect')
    .send('audio-start', { rate: 16_000, width: 2, channels: 1 })
    .sendAudio(new Int16Array(16_000))
    .send('audio-stop');
  await client.event('not-detected');
  assert.deepEqual(client.detections, []);
  // The next one over the same connection is a stream of its own.
  await client.sendAudio(samples, { startMs: 0 }).send('audio-stop').send('ping').event('pong');
  assert.deepEqual(client.detections, expectedFrom(0));
});

test('a second JSON replaces members of the data in the line, and events that are not known are dropped', async (t) => {
  const client = new WyomingClient(t, await startBridge(t));
  client.send('run-satellite').send('synthesize', { text: 'x'.repeat(5000) }, new Uint8Array(100_000));
  const second = JSON.stringify({ text: 'second' });
  client.socket.write(
    `${JSON.stringify({ type: 'ping', data: { text: 'first', other: 1 }, data_length: second.length })}\n${second}`,
  );
  assert.deepEqual((await client.event('pong')).data, { text: 'second' });
});

test('what is no frame ends that connection, and no other', async (t) => {
  const port = await startBridge(t);
  const other = new WyomingClient(t, port)
    .send('detect')
    .sendAudio(samples.subarray(0, 40_000), { startMs: 0 });
  const chunk = (data: object, bytes = 4) => frame('audio-chunk', data, new Uint8Array(bytes));
  const bad: readonly (string | Buffer)[] = [
    '\n',
    'GET / HTTP/1.1\r\n\r\n',
    '[]\n',
    '{"type":7}\n',
    '{"type":"ping","data":[]}\n',
    '{"type":"ping","data_length":-1}\n',
    '{"type":"ping","data_length":1e9}\n',
    '{"type":"ping","payload_length":1e12}\n',
    '{"type":"ping","data_length":2}\n[]',
    '{"type":"ping","data_length":1}\n\xff',
    `{"type":"${'x'.repeat(9000)}`,
    chunk({ rate: 16_000, width: 2 }),
    chunk({ rate: 1, width: 2, channels: 1 }),
    chunk({ rate: 16_000, width: 9, channels: 1 }),
    chunk({ rate: '16000', width: 2, channels: 1 }),
    chunk({ rate: 16_000, width: 2, channels: 1 }, 5),
    Buffer.concat([
      chunk({ rate: 16_000, width: 2, channels: 1 }),
      chunk({ rate: 48_000, width: 2, channels: 1 }),
    ]),
  ];
  for (const bytes of bad) {
    const client = new WyomingClient(t, port);
    client.socket.write(bytes);
    const { data } = await client.event('error');
    assert.match(String(data.code), /^WG_(REQUEST_INVALID|TOO_LARGE)$/, String(bytes).slice(0, 80));
    await client.ended;
  }
  await other
    .sendAudio(samples.subarray(40_000), { startMs: 2500 })
    .send('audio-stop')
    .send('ping')
    .event('pong');
  assert.deepEqual(other.detections, expectedFrom(0));
});

test('where there is no place for a stream, the sender is told to come again, and the place of one that went is free', async (t) => {
  const port = await startBridge(t, { service: withPlaces(new Places(1, 'streams are being heard')) });
  const first = new WyomingClient(t, port).sendAudio(samples);
  await first.event('detection');
  const second = new WyomingClient(t, port).sendAudio(samples);
  assert.equal((await second.event('error')).data.code, 'WG_BUSY');
  await second.ended;
  await new WyomingClient(t, port).send('describe').event('info');
  await first.send('audio-stop').send('ping').event('pong');
  await new WyomingClient(t, port).sendAudio(samples).event('detection');
});

test('where there is no room for a connection, the one that has been silent longest gives way, and no stream does', async (t) => {
  const port = await startBridge(t, { server: { host: '127.0.0.1', port: 0, files: 0 } });
  const streaming = new WyomingClient(t, port).sendAudio(samples.subarray(0, 16_000));
  await streaming.send('ping').event('pong');
  const silent: WyomingClient[] = [];
  for (let i = 0; i < 15; i++) {
    silent.push(new WyomingClient(t, port));
    await silent[i].send('ping').event('pong');
  }
  await new WyomingClient(t, port).send('describe').event('info');
  await silent[0].ended;
  await silent[1].send('describe').event('info');
  assert.equal(streaming.socket.destroyed, false);
});

test('a peer that does not read is dropped', async (t) => {
  const client = new WyomingClient(t, await startBridge(t));
  client.socket.pause();
  const many = Buffer.concat(Array.from({ length: 1000 }, () => frame('describe')));
  const send = () => {
    while (!client.socket.destroyed && client.socket.write(many));
  };
  client.socket.on('drain', send);
  send();
  await client.ended;
});

test('what the input hears is sent to services that are named, and one that is away is a problem until it is back', async (t) => {
  const problems: (string | null)[] = [];
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const received: Buffer[] = [];
  const connected = once(server, 'connection');
  await startBridge(t, {
    server: null,
    peers: [`tcp://127.0.0.1:${port}`],
    onProblem: (problem) => problems.push(problem),
  });
  const [socket] = await connected;
  t.after(() => {
    socket.destroy();
    server.close();
  });
  socket.on('data', (bytes: Buffer) => received.push(bytes));
  daemon.events.publish({
    type: 'detection',
    keyword: 'one',
    label: 'One',
    score: 1,
    secondLook: null,
    sample: 1600,
    seconds: 0.1,
    heardAt: new Date(1234).toISOString(),
    cost: { handoffs: 1, bytes: 1, cpuMs: 1, energyMj: 0.4, basis: 'none' },
  });
  await once(socket, 'data');
  const [line, data] = String(Buffer.concat(received)).split('\n');
  assert.equal(JSON.parse(line).type, 'detection');
  assert.deepEqual(JSON.parse(data), { name: 'one', timestamp: 1234 });
  const again = once(server, 'connection');
  socket.destroy();
  const [second] = await again;
  t.after(() => second.destroy());
  assert.match(String(problems.find((problem) => problem !== null)), /cannot be reached/);
});

test('a bridge whose port is taken can be started again when it is free', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const bridge = new WyomingBridge({
    service: daemon,
    logger,
    onProblem: () => {},
    server: { host: '127.0.0.1', port, files: 1024 },
    zeroconf: false,
    peers: [],
  });
  t.after(() => bridge.stop());
  await assert.rejects(bridge.start(), { code: 'WG_PORT_UNAVAILABLE', message: /wyomingPort/ });
  await new Promise((resolve) => taken.close(resolve));
  await bridge.start();
  await new WyomingClient(t, port).send('describe').event('info');
});

test('a satellite that reports what it does mutes the microphone while it speaks', async (t) => {
  const port = await startBridge(t, { server: { host: '127.0.0.1', port: 0, files: 1024, mutes: true } });
  const muted = () => daemon.status().input.state === 'muted';
  const until = async (isMuted: boolean) => {
    while (muted() !== isMuted) await once(daemon.events, 'event');
  };
  // A sender of audio does not, though it begins with the same event.
  const sender = new WyomingClient(t, port)
    .send('audio-start', FORMAT)
    .sendAudio(samples.subarray(0, 16_000));
  await sender.send('ping').event('pong');
  assert.equal(muted(), false);

  const satellite = new WyomingClient(t, port).send('run-pipeline', {}).send('synthesize', { text: 'Hello' });
  satellite.send('audio-start', FORMAT).send('audio-stop');
  await until(true);
  satellite.send('played');
  await until(false);

  // What someone else has muted stays so.
  await daemon.mute(null);
  await satellite.send('synthesize', {}).send('played').send('ping').event('pong');
  assert.equal(muted(), true);
  daemon.unmute();

  // One that goes while it speaks.
  satellite.send('synthesize', {});
  await until(true);
  satellite.socket.destroy();
  await until(false);
});
