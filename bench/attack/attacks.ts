import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import {
  flacBomb,
  flacHeaders,
  flacOfManyRates,
  mp3Headers,
  oggFlacBomb,
  oggOpusOfNothing,
  wavOfChannels,
} from '../../test/support/hostile-audio.js';
import {
  aiffOfHugeCommon,
  aiffOfManyFrames,
  mp3OfManyRates,
  mp4OfNestedBoxes,
  oggOfManyStreams,
  vorbisOfHugeBooks,
  wavOfManyChunks,
  webmOfAbsurdSize,
  webmOfNothing,
} from '../../test/support/hostile-containers.js';

/** One kind of thing that someone sends. @param times how often it is done at a time */
export interface Attack {
  readonly name: string;
  readonly atATime: number;
  /** Resolves when the daemon has answered; rejects or resolves with whatever it says. */
  run(url: string): Promise<unknown>;
}

/** Names of packs that are next to the one in use, and cannot be. */
export const ODD_PACKS: Readonly<Record<string, (pack: OddPack) => void>> = {
  'odd-scores': (pack) => {
    pack.gate.smoothingScores = 2e9;
  },
  'odd-positions': (pack) => {
    pack.detector.smoothingPositions = 3e8;
  },
  'odd-hop': (pack) => {
    pack.features.hopSamples = 1e9;
  },
};

export interface OddPack {
  readonly detector: Record<string, unknown>;
  readonly features: Record<string, unknown>;
  readonly gate: Record<string, unknown>;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const DEEP = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const WIDE = `{${Array.from({ length: 5000 }, (_, n) => `"k${n}":${n}`).join(',')}}`;

function body(name: string, type: string, bytes: Buffer): Attack {
  return {
    name,
    atATime: 4,
    run: (url) => send(`${url}/v1/detect`, 'POST', bytes, { 'content-type': type }),
  };
}

async function send(
  url: string,
  method: string,
  content: Buffer | string,
  headers: Record<string, string> = JSON_TYPE,
): Promise<void> {
  const answer = await fetch(url, { method, headers, body: content, signal: AbortSignal.timeout(60_000) });
  await answer.arrayBuffer();
}

/** What bodies of each codec begin with, then bytes that are none of it. */
const NOISE = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i * 31 + (i >> 5) * 17) & 0xff));
const BEGINNINGS: Readonly<Record<string, [type: string, start: string]>> = {
  'noise as AIFF': ['audio/aiff', '464f524d7fffffff41494646434f4d4d00000012000100000000001000'],
  'noise as WebM': ['audio/webm', '1a45dfa380185380670fffffff'],
  'noise as Vorbis': ['audio/ogg', '4f67675300020000000000000000070000000000000000000000011e01766f72626973'],
  'noise as MP3': ['audio/mpeg', '494433030000000000'],
  'a WAV that promises 4 GB': ['audio/wav', '52494646ffffffff57415645666d7420100000000100010040'],
};

export const ATTACKS: readonly Attack[] = [
  body('FLAC that unfolds to an hour', 'audio/flac', flacBomb(50, 1000)),
  body('FLAC in Ogg that unfolds', 'audio/ogg', oggFlacBomb(30)),
  body('2 MB of FLAC headers', 'audio/flac', flacHeaders(2_000_000)),
  body('MP3 headers without frames', 'audio/mpeg', mp3Headers(104 * 5000)),
  body('WAV of 65 535 channels', 'audio/wav', wavOfChannels(65_535)),
  body('WAV of 32 channels', 'audio/wav', wavOfChannels(32, 200_000)),
  body('FLAC of many rates', 'audio/flac', flacOfManyRates(400)),
  body('Opus packets that are none', 'audio/ogg', oggOpusOfNothing()),
  body('FLAC of 8 channels at 655 kHz', 'audio/flac', flacBomb(50, 655_350)),
  body('Vorbis of huge code books', 'audio/ogg', vorbisOfHugeBooks(256, 18)),
  body('one Opus stream after the other', 'audio/ogg', oggOfManyStreams(3000)),
  body('a million WebM elements', 'audio/webm', webmOfNothing(1_000_000)),
  body('a WebM element of absurd size', 'audio/webm', webmOfAbsurdSize()),
  body('MP4 boxes 10 000 deep', 'audio/mp4', mp4OfNestedBoxes(10_000)),
  body('AIFF of a huge description', 'audio/aiff', aiffOfHugeCommon()),
  body('AIFF of 4 billion frames', 'audio/aiff', aiffOfManyFrames()),
  body('WAV of 100 000 chunks', 'audio/wav', wavOfManyChunks(100_000)),
  body('MP3 of many rates', 'audio/mpeg', mp3OfManyRates(1000)),
  ...Object.entries(BEGINNINGS).map(([name, [type, start]]) =>
    body(name, type, Buffer.concat([Buffer.from(start, 'hex'), NOISE])),
  ),
  { name: 'a form of many fields', atATime: 4, run: manyFields },
  {
    name: 'a stream at 44.1 kHz, as fast as it is taken',
    atATime: 64,
    run: (url) => stream(url, '?rate=44100'),
  },
  {
    name: 'a stream of 8 channels at 8 kHz',
    atATime: 64,
    run: (url) => stream(url, '?rate=8000&channels=8'),
  },
  {
    name: 'a stream of files in place of samples',
    atATime: 64,
    run: (url) => stream(url, '?rate=8000', oggOfManyStreams(100)),
  },
  { name: 'a WebSocket that is opened and left', atATime: 200, run: upgrade },
  { name: 'JSON 10 000 deep', atATime: 20, run: (url) => send(`${url}/v1/keywords/alexa`, 'PATCH', DEEP) },
  { name: 'JSON of 5000 fields', atATime: 20, run: (url) => send(`${url}/v1/keywords/alexa`, 'PATCH', WIDE) },
  {
    name: 'changes of a keyword',
    atATime: 200,
    run: (url) => send(`${url}/v1/keywords/alexa`, 'PATCH', JSON.stringify({ label: 'x'.repeat(100) })),
  },
  ...Object.keys(ODD_PACKS).map(
    (id): Attack => ({
      name: `a pack with ${id}`,
      atATime: 20,
      run: (url) => send(`${url}/v1/model`, 'PUT', JSON.stringify({ id })),
    }),
  ),
  {
    name: 'changes of the pack',
    atATime: 200,
    run: (url) => send(`${url}/v1/model`, 'PUT', JSON.stringify({ id: 'good' })),
  },
  { name: 'a connection that says nothing', atATime: 400, run: (url) => raw(url, '') },
  {
    name: 'headers without an end',
    atATime: 100,
    run: (url) => raw(url, `GET / HTTP/1.1\r\nx: ${'y'.repeat(7000)}`),
  },
  {
    name: 'a body that is announced, and waits for leave',
    atATime: 100,
    run: (url) => raw(url, request('POST /v1/detect', 'Expect: 100-continue', 'Content-Length: 200000000')),
  },
  {
    name: 'chunks without an end',
    atATime: 100,
    run: (url) =>
      raw(
        url,
        `${request('POST /v1/detect', 'Transfer-Encoding: chunked')}${`4000\r\n${'z'.repeat(16_384)}\r\n`.repeat(20)}`,
      ),
  },
  {
    name: 'an event stream that is not read',
    atATime: 200,
    run: (url) => raw(url, request('GET /v1/events')),
  },
];

function request(line: string, ...headers: readonly string[]): string {
  return [`${line} HTTP/1.1`, 'Host: 127.0.0.1', 'Content-Type: audio/wav', ...headers, '', ''].join('\r\n');
}

/** Sends something and then nothing, reads nothing, and goes away after some seconds. */
async function raw(url: string, text: string): Promise<void> {
  const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {}).on('close', () => {});
  socket.pause();
  if (text !== '') socket.write(text);
  await sleep(3000);
  socket.destroy();
}

async function manyFields(url: string): Promise<void> {
  const form = new FormData();
  for (let n = 0; n < 5000; n++) form.append(`field ${n}`, 'x'.repeat(50));
  const answer = await fetch(`${url}/v1/detect`, {
    method: 'POST',
    body: form,
    signal: AbortSignal.timeout(60_000),
  });
  await answer.arrayBuffer();
}

async function stream(url: string, query: string, content: Buffer | string = 'abcd'): Promise<void> {
  const socket = await opened(url, query);
  const piece = Buffer.alloc(60_000, content);
  for (let n = 0; n < 10 && socket.readyState === WebSocket.OPEN; n++) {
    await new Promise((resolve) => socket.send(piece, resolve));
  }
  socket.terminate();
}

async function upgrade(url: string): Promise<void> {
  (await opened(url, '')).terminate();
}

async function opened(url: string, query: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/listen${query}`);
  await new Promise<void>((resolve) => {
    socket.on('open', resolve).on('error', () => resolve());
  });
  return socket;
}
