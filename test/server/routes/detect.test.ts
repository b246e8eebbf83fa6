import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { MAX_DETECTIONS } from '../../../src/protocol/index.js';
import { DetectReportSchema, ErrorSchema } from '../../../src/protocol/schemas/index.js';
import { startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { s16le } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeVoiceFile } from '../../support/voice-file.js';

const folder = temporaryFolder();
const idle = wavFile(folder, 'idle.wav', new Int16Array(16_000 * 60));
const { file, samples, pack, expected } = await makeVoiceFile(folder);

const start = (t: TestContext) => startDaemon(t, { model: pack.directory, input: idle });

type Body = NonNullable<RequestInit['body']>;

function detect(url: string | null, type: string, body: Body | null, query = ''): Promise<Response> {
  const headers = { 'content-type': type };
  return fetch(`${url}/v1/detect${query}`, { method: 'POST', headers, body, duplex: 'half' });
}

/** The bytes in pieces of an odd size, with a moment between. */
async function* dripping(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a file gives the detections that the command line gives, in whatever form and pieces it is sent', async (t) => {
  const { url } = await start(t);
  const raw = s16le(samples);
  const bigEndian = Buffer.from(raw).swap16();
  const bodies: [string, Body][] = [
    ['audio/wav', readFileSync(file)],
    ['audio/wav', ReadableStream.from(dripping(readFileSync(file), 9999))],
    ['audio/L16;rate=16000', raw],
    ['audio/L16; rate=16000; channels=1', ReadableStream.from(dripping(raw, 4001))],
    ['audio/l16;rate=16000;endianness=big-endian', ReadableStream.from(dripping(bigEndian, 4001))],
  ];
  for (const [type, body] of bodies) {
    const answer = await detect(url, type, body);
    assert.equal(answer.status, 200, type);
    const { detections, scores, seconds, gate } = Value.Parse(DetectReportSchema, await answer.json());
    assert.deepEqual(
      { detections, scores, seconds },
      {
        detections: expected.detections,
        scores: expected.scores,
        seconds: expected.seconds,
      },
    );
    assert.deepEqual(gate, expected.gate);
  }
});

async function buffers(pieces: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

/** As a browser's form sends it. */
async function* form(boundary: string, parts: [headers: string, content: Buffer][]): AsyncGenerator<Buffer> {
  for (const [headers, content] of parts) {
    yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${headers}\r\n\r\n`);
    yield* dripping(content, 7777);
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

test('the file of a form is heard as it arrives; a form without one, or cut, is refused', async (t) => {
  const { url } = await start(t);
  const type = 'multipart/form-data; boundary=cut-here';
  const post = (...parts: Parameters<typeof form>[1]) =>
    detect(url, type, ReadableStream.from(form('cut-here', parts)));
  const note: [string, Buffer] = ['name="note"', Buffer.from('kitchen')];
  const wav: [string, Buffer] = [
    'name="audio"; filename="a.wav"\r\nContent-Type: application/octet-stream',
    readFileSync(file),
  ];
  for (const parts of [[wav], [note, wav], [wav, note], [wav, wav]]) {
    const answer = await post(...parts);
    assert.equal(answer.status, 200);
    assert.deepEqual(Value.Parse(DetectReportSchema, await answer.json()).detections, expected.detections);
  }
  const wrong: [Response, number, RegExp][] = [
    [await post(note), 400, /form without a file/],
    [await post(['name="audio"; filename="a.txt"', Buffer.from('hello, this is text')]), 415, /not audio/],
    [await detect(url, type, '--cut-here\r\nnonsense'), 400, /./],
    [await detect(url, 'multipart/form-data', 'hello'), 400, /./],
    [await detect(url, type, ''), 400, /empty|without a file/],
    [
      await detect(url, type, Buffer.concat(await buffers(form('cut-here', [wav]))).subarray(0, 50_000)),
      400,
      /./,
    ],
  ];
  for (const [answer, status, says] of wrong) {
    const { error } = Value.Parse(ErrorSchema, await answer.json());
    assert.equal(answer.status, status, error.message);
    assert.match(error.message, says);
  }
});

test('the scores over time lead up to the highest ones', async (t) => {
  const { url } = await start(t);
  const answer = await detect(url, 'audio/wav', readFileSync(file), '?scores=all');
  const { scoresOverTime, scores } = Value.Parse(DetectReportSchema, await answer.json());
  assert.ok(scoresOverTime!.length > 10);
  for (const keyword of Object.keys(scores)) {
    assert.equal(Math.max(...scoresOverTime!.map((at) => at.scores[keyword])), scores[keyword]);
  }
  const times = scoresOverTime!.map(({ time }) => time);
  assert.deepEqual(
    times,
    [...new Set(times)].sort((a, b) => a - b),
  );
});

test('keywords are detected as they are set now', async (t) => {
  const daemon = await start(t);
  const { keyword } = expected.detections[0];
  await daemon.changeKeyword(keyword, { enabled: false });
  const answer = await detect(daemon.url, 'audio/wav', readFileSync(file));
  const { detections } = Value.Parse(DetectReportSchema, await answer.json());
  assert.ok(detections.every((detection) => detection.keyword !== keyword));
});

test('what is no audio, or cut, or of a wrong kind, is refused with what is wrong with it', async (t) => {
  const { url } = await start(t);
  const wav = readFileSync(file);
  const wrong: [string, Body | null, number, RegExp][] = [
    ['audio/wav', Buffer.from('hello, this is text'), 415, /not audio of a known kind/],
    ['audio/wav', wav.subarray(0, 30), 400, /the body ends before its data chunk|the body ends inside/],
    ['audio/wav', '', 400, /empty/],
    ['audio/L16;rate=16000', '', 400, /no samples|empty/],
    ['audio/L16', s16le(samples), 400, /rate/],
    ['audio/L16;rate=5', s16le(samples), 400, /8000 to 192000/],
    ['audio/L16;rate=16000;channels=x', s16le(samples), 400, /channels/],
    ['text/plain', 'hello', 415, /"text\/plain" is not taken: send WAV, AIFF, FLAC/],
    ['application/json', '{}', 415, /"application\/json" is not taken: send WAV, AIFF, FLAC/],
    ['application/x-www-form-urlencoded', wav, 415, /such as audio\/wav/],
    ['audio/webm', Buffer.from('1a45dfa3', 'hex'), 400, /cut off|no samples/],
  ];
  for (const [type, body, status, says] of wrong) {
    const answer = await detect(url, type, body);
    const { error } = Value.Parse(ErrorSchema, await answer.json());
    assert.equal(answer.status, status, `${type}: ${error.message}`);
    assert.match(error.message, says);
  }
  assert.equal((await detect(url, 'audio/wav', wav, '?scores=some')).status, 400);
  assert.equal((await detect(url, 'audio/wav', wav, '?channel=up')).status, 400);
  assert.equal((await detect(url, 'audio/wav', wav, '?channel=right')).status, 400);
});

test('what there is of a body that ends early is heard, and the report says so', async (t) => {
  const { url } = await start(t);
  const answer = await detect(url, 'audio/wav', readFileSync(file).subarray(0, 20_044));
  const { seconds, warning } = Value.Parse(DetectReportSchema, await answer.json());
  assert.equal(seconds, 0.625);
  assert.match(warning ?? '', /the body ends inside its data chunk, after 20000 of .*was heard/);
});

test('one channel of a body can be listened to, of files and of raw samples', async (t) => {
  const { url } = await start(t);
  const stereo = Int16Array.from({ length: 2 * samples.length }, (_, i) =>
    i % 2 === 0 ? 0 : samples[i >> 1],
  );
  const answer = await detect(url, 'audio/L16;rate=16000;channels=2', s16le(stereo), '?channel=right');
  const { detections } = Value.Parse(DetectReportSchema, await answer.json());
  assert.deepEqual(detections, expected.detections);
  const left = await detect(url, 'audio/L16;rate=16000;channels=2', s16le(stereo), '?channel=1');
  assert.notDeepEqual(Value.Parse(DetectReportSchema, await left.json()).scores, expected.scores);
});

test('more audio than is taken is refused, and the answer arrives', async (t) => {
  const { url } = await start(t);
  const silence = Buffer.alloc(16_000 * 2 * 10);
  async function* elevenMinutes() {
    for (let second = 0; second < 660; second += 10) yield silence;
  }
  const body = ReadableStream.from(elevenMinutes());
  const answer = await detect(url, 'audio/L16;rate=16000', body);
  assert.equal(answer.status, 413);
  assert.match(Value.Parse(ErrorSchema, await answer.json()).error.message, /600 s/);
});

test('with too many in progress, others are asked to try again later; one that goes away makes room', async (t) => {
  const daemon = await start(t);
  const open = Array.from({ length: MAX_DETECTIONS }, () => {
    const sending = request(`${daemon.url}/v1/detect`, {
      method: 'POST',
      headers: { 'content-type': 'audio/L16;rate=16000' },
    });
    sending.on('error', () => {});
    sending.write(Buffer.alloc(3200));
    return sending;
  });
  t.after(() => open.forEach((sending) => void sending.destroy()));
  const once = () => detect(daemon.url, 'audio/wav', readFileSync(file));
  let answer = await once();
  while (answer.status === 200) answer = await once(); // until all of them have arrived
  assert.equal(answer.status, 429);
  assert.equal(answer.headers.get('retry-after'), '1');
  assert.equal(Value.Parse(ErrorSchema, await answer.json()).error.code, 'WG_BUSY');

  open[0].destroy();
  while (answer.status === 429) answer = await once();
  assert.equal(answer.status, 200);
});

test('who sends no audio holds no place: forms that never reach their file, and bodies that never begin', async (t) => {
  const { url } = await start(t);
  const boundary = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n';
  const silent = Array.from({ length: 12 }, (_, n) => {
    const type = n % 2 === 0 ? 'multipart/form-data; boundary=b' : 'audio/wav';
    const sender = request(`${url}/v1/detect`, { method: 'POST', headers: { 'content-type': type } });
    sender.on('error', () => {});
    t.after(() => sender.destroy());
    if (n % 2 === 0) sender.write(boundary);
    else sender.flushHeaders();
    const trickle = setInterval(() => n % 4 === 0 && sender.write('x'), 200);
    t.after(() => clearInterval(trickle));
    return once(sender, 'response') as Promise<[IncomingMessage]>;
  });
  const reports = await Promise.all(
    Array.from({ length: MAX_DETECTIONS }, () => detect(url, 'audio/wav', readFileSync(file))),
  );
  assert.deepEqual(
    reports.map(({ status }) => status),
    reports.map(() => 200),
  );
  for (const [answer] of await Promise.all(silent)) {
    assert.equal(answer.statusCode, 408);
    assert.match(await text(answer), /WG_TOO_SLOW.*did not come within 10 s/);
  }
});

test('a track says what was thought over time, as the report has it in sum, and with which pack and thresholds', async (t) => {
  const { url } = await start(t);
  const answer = await detect(url, 'audio/wav', readFileSync(file), '?track=all');
  const report = Value.Parse(DetectReportSchema, await answer.json());
  const { gate, positions, looks } = report.track!;
  assert.equal(report.model, pack.name);
  assert.deepEqual(
    report.thresholds,
    Object.fromEntries(pack.keywords.map(({ name, threshold }) => [name, threshold])),
  );
  assert.equal(gate.threshold, pack.gate.threshold);
  assert.equal(gate.stepSeconds, 0.04);
  // The tail of silence after the end is heard too.
  assert.ok(Math.abs(gate.scores.length * gate.stepSeconds - (report.seconds + 0.8)) < 0.1);
  assert.ok(Math.abs(Math.max(...gate.scores) - report.gate.maxScore) < 1e-4);
  assert.equal(gate.openings.length, report.gate.openings);
  const open = gate.openings.reduce((sum, [from, to]) => sum + to - from, 0);
  assert.ok(Math.abs(open / gate.stepSeconds - report.gate.passed) <= gate.openings.length);
  for (const name of Object.keys(report.scores)) {
    const highest = Math.max(...positions.map(({ scores }) => scores[name]));
    assert.ok(Math.abs(highest - report.scores[name]) < 1e-6, name);
  }
  assert.deepEqual(looks, [], 'this pack has no second look');
});

test('other thresholds change what is detected, and nothing else', async (t) => {
  const { url } = await start(t);
  const names = pack.keywords.map(({ name }) => name);
  const report = async (thresholds: string) => {
    const query = `?thresholds=${encodeURIComponent(thresholds)}`;
    return Value.Parse(
      DetectReportSchema,
      await (await detect(url, 'audio/wav', readFileSync(file), query)).json(),
    );
  };
  const none = await report(names.map((name) => `${name}:1`).join());
  assert.deepEqual(none.detections, []);
  assert.deepEqual(none.scores, expected.scores);
  assert.deepEqual(none.thresholds, Object.fromEntries(names.map((name) => [name, 1])));
  const eager = await report(`${names[0]}:0.01`);
  assert.ok(eager.detections.some(({ keyword }) => keyword === names[0]));
  const before = await (await fetch(`${url}/v1/keywords`)).json();
  assert.deepEqual(
    (before as { keywords: { threshold: number }[] }).keywords.map(({ threshold }) => threshold),
    pack.keywords.map(({ threshold }) => threshold),
    'the input is listened to as before',
  );
});

test('a pack or a threshold that cannot be is refused', async (t) => {
  const { url } = await start(t);
  for (const [query, status] of [
    ['?track=some', 400],
    ['?thresholds=one', 400],
    ['?thresholds=one:2', 400],
    ['?thresholds=one:0', 400],
    ['?thresholds=nobody:0.5', 404],
    ['?model=no-such-pack', 404],
    ['?model=../../etc', 404],
  ] as const) {
    assert.equal((await detect(url, 'audio/wav', readFileSync(file), query)).status, status, query);
  }
});
