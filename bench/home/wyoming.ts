import { setTimeout as sleep } from 'node:timers/promises';
import { readPack, resolvePack } from '../../src/model/index.js';
import type { DaemonEvent } from '../../src/protocol/index.js';
import { freePort } from '../../test/support/free-port.js';
import { malformedFrames } from '../../test/support/malformed-frames.js';
import { frame, WyomingClient } from '../../test/support/wyoming-client.js';
import type { Line } from '../measure.js';
import { subscribe } from '../service/event-stream.js';
import { MeasuredProcess } from '../service/measured-process.js';
import { gapsLine, sameDetectionsLine } from '../service/microphone-lines.js';
import { type Clip, clipsOf } from '../service/words.js';

const CLIENTS = 50;
const SECONDS = 30;
const CLIPS = 10;
const CHUNK_SAMPLES = 1280;
const FORMAT = { rate: 16_000, width: 2, channels: 1 };
const CONNECTIONS = 500;
const MALFORMED = 10_000;
const AT_A_TIME = 8;
const VALID = [
  frame('describe'),
  frame('detect', { names: ['alexa'] }),
  frame('audio-start', FORMAT),
  frame('audio-chunk', { ...FORMAT, timestamp: 0 }, new Uint8Array(2560)),
  frame('audio-stop'),
];

/** Wyoming clients with words in what they send, malformed frames and short connections, while the microphone hears words. */
export async function benchWyoming(): Promise<Line[]> {
  const pack = await readPack(await resolvePack('wake-words-en'));
  const clips = await clipsOf(pack, CLIPS, SECONDS);
  const wyomingPort = await freePort();
  const daemon = await MeasuredProcess.start({
    hears: clips[0].samples,
    config: { wyoming: 'on', wyomingPort },
  });
  const heard: DaemonEvent[] = [];
  try {
    const socket = await subscribe(
      daemon.url,
      (event) => heard.push(event as DaemonEvent),
      '?types=detection',
    );
    await served(wyomingPort);
    const lines = [
      ...(await benchClients(daemon, wyomingPort, clips)),
      ...(await benchConnections(daemon, wyomingPort)),
      await benchMalformed(wyomingPort),
    ];
    const { input } = await daemon.status();
    socket.close();
    const { blockedMs, lateMs } = daemon.microphone.delays();
    const recorder = `waited ${blockedMs.toFixed(0)} ms at most, and was ${lateMs.toFixed(0)} ms late itself`;
    const same = 'Wyoming: detections of the microphone meanwhile, as by itself';
    return [
      ...lines,
      gapsLine('Wyoming', input, recorder),
      sameDetectionsLine(same, heard, clips[0].detections),
    ];
  } finally {
    await daemon.stop();
  }
}

/** Clients that send words at the pace of speech, all at once. */
async function benchClients(daemon: MeasuredProcess, port: number, clips: readonly Clip[]): Promise<Line[]> {
  const before = await daemon.usage();
  const played = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => play(port, clips[n % CLIPS])));
  const { cpuMs } = await daemon.usage();
  const words = played.reduce((sum, { detections }) => sum + detections.length, 0);
  const wrong = played.filter(({ detections }, n) => !isSame(detections, clips[n % CLIPS])).length;
  const faults = played.filter(({ fault }) => fault !== undefined);
  const latencies = played.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  return [
    {
      name: 'Wyoming: clients with other detections than wakegate detect',
      value: wrong,
      unit: '',
      bar: { atMost: 0 },
      detail: `of ${CLIENTS} at once, of ${SECONDS} s, at real-time pace; ${words} words in all; ${faults.length} were refused ${faults[0]?.fault?.text ?? ''}`,
    },
    {
      name: 'Wyoming: p95 from the end of a word to its detection',
      value: latencies[Math.floor(0.95 * latencies.length)] ?? Number.NaN,
      unit: 'ms',
      bar: { atMost: 300 },
      detail: `median ${latencies[latencies.length >> 1]} ms; by when the samples of its end were sent`,
    },
    {
      name: 'Wyoming: CPU for a client',
      value: (cpuMs - before.cpuMs) / (CLIENTS * SECONDS),
      unit: 'ms/s',
      detail: 'of the whole daemon, its microphone and the waking of the classifier included',
    },
  ];
}

interface Played {
  readonly detections: readonly Record<string, unknown>[];
  readonly latenciesMs: readonly number[];
  /** Why it was not heard to its end. */
  readonly fault: Record<string, unknown> | undefined;
}

async function play(port: number, { samples }: Clip): Promise<Played> {
  const client = openClient(port);
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  client.socket.on('taken', () => {
    for (const { timestamp } of client.detections.slice(latenciesMs.length))
      latenciesMs.push(Math.round(performance.now() - startMs - Number(timestamp)));
  });
  client.send('detect', { names: null }).send('audio-start', { ...FORMAT, timestamp: 0 });
  for (let at = 0; at < samples.length; at += CHUNK_SAMPLES) {
    await sleep(Math.max(0, startMs + (at + CHUNK_SAMPLES) / 16 - performance.now()));
    client.sendAudio(samples.subarray(at, at + CHUNK_SAMPLES), { startMs: at / 16 });
  }
  await client
    .send('audio-stop')
    .send('ping')
    .event('pong')
    .catch(() => {}); // where it was refused
  client.socket.destroy();
  return {
    detections: client.detections,
    latenciesMs,
    fault: client.received.find(({ type }) => type === 'error')?.data,
  };
}

function isSame(detections: Played['detections'], { detections: expected }: Clip): boolean {
  const wanted = expected.map(({ keyword, time }) => ({ name: keyword, timestamp: Math.round(1000 * time) }));
  return JSON.stringify(detections) === JSON.stringify(wanted);
}

/** Connections that ask what there is and go again, one after the other. */
async function benchConnections(daemon: MeasuredProcess, port: number): Promise<Line[]> {
  const before = await daemon.usage();
  const startMs = performance.now();
  for (let n = 0; n < CONNECTIONS; n++) {
    const client = openClient(port);
    await client.send('describe').event('info');
    client.socket.destroy();
  }
  const passedMs = performance.now() - startMs;
  const { cpuMs } = await daemon.usage();
  return [
    {
      name: 'Wyoming: CPU for a connection that is opened, asks what there is and is closed',
      value: (cpuMs - before.cpuMs) / CONNECTIONS,
      unit: 'ms',
      bar: { atMost: 2 },
      detail: `mean of ${CONNECTIONS}, what the microphone takes meanwhile included; ${(passedMs / CONNECTIONS).toFixed(1)} ms from end to end`,
    },
  ];
}

/** Frames with something wrong in them, each over a connection of its own. */
async function benchMalformed(port: number): Promise<Line> {
  const frames = malformedFrames(VALID, MALFORMED);
  let refused = 0;
  let hanging = 0;
  const one = async () => {
    for (const bytes of frames) {
      const client = openClient(port);
      client.socket.end(bytes);
      const late = sleep(10_000, 'late', { ref: false });
      if ((await Promise.race([client.ended, late])) === 'late') hanging++;
      if (client.received.some(({ type }) => type === 'error')) refused++;
      client.socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
  return {
    name: 'Wyoming: malformed frames whose connection did not end',
    value: hanging,
    unit: '',
    bar: { atMost: 0 },
    detail: `of ${MALFORMED}, each over a connection of its own; ${refused} were refused with an error`,
  };
}

function openClient(port: number): WyomingClient {
  return new WyomingClient({ after: () => {} }, port);
}

/** Resolves when the bridge serves, which it does a moment after the daemon. */
async function served(port: number): Promise<void> {
  for (;;) {
    const client = openClient(port);
    const isServed = await client
      .send('describe')
      .event('info')
      .then(
        () => true,
        () => false,
      );
    client.socket.destroy();
    if (isServed) return;
    await sleep(50);
  }
}
