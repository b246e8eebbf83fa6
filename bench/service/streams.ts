import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import type { ModelPack } from '../../src/model/index.js';
import type { DaemonEvent } from '../../src/protocol/index.js';
import type { Line } from '../measure.js';
import { detectionsAmong } from './event-stream.js';
import { MeasuredProcess } from './measured-process.js';
import { type Clip, clipsOf, isSame } from './words.js';

const STREAMS = 50;
const STREAM_SECONDS = 30;
const CLIPS = 10;
const PIECE_SAMPLES = 1280;

/** Many streams for /v1/listen at the pace of speech, with words in all of them. */
export async function benchStreams(pack: ModelPack): Promise<Line[]> {
  const clips = await clipsOf(pack, CLIPS, STREAM_SECONDS);
  const daemon = await MeasuredProcess.start({ hears: new Int16Array(0) });
  try {
    const before = await daemon.usage();
    const streams = await Promise.all(
      Array.from({ length: STREAMS }, (_, n) => play(daemon.url, clips[n % CLIPS])),
    );
    const { cpuMs } = await daemon.usage();
    const latencies = streams.flatMap((stream) => stream.latenciesMs).sort((a, b) => a - b);
    const words = streams.reduce((sum, { events }) => sum + detectionsAmong(events).length, 0);
    const wrong = streams.filter(
      ({ events }, n) => !isSame(detectionsAmong(events), clips[n % CLIPS].detections),
    );
    return [
      {
        name: 'listen: streams that were not heard to their end',
        value: streams.filter(({ code }) => code !== 1000).length,
        unit: '',
        bar: { atMost: 0 },
        detail: `of ${STREAMS} at once, of ${STREAM_SECONDS} s, at real-time pace`,
      },
      {
        name: 'listen: streams with other detections than wakegate detect',
        value: wrong.length,
        unit: '',
        bar: { atMost: 0 },
        detail: `of ${STREAMS}; ${words} words in all`,
      },
      {
        name: 'listen: p99 from the end of a word to its event',
        value: latencies[Math.floor(0.99 * latencies.length)] ?? Number.NaN,
        unit: 'ms',
        detail: `median ${latencies[latencies.length >> 1]} ms; by when the samples of its end were sent`,
      },
      {
        name: 'listen: CPU for a stream',
        value: (cpuMs - before.cpuMs) / (STREAMS * STREAM_SECONDS),
        unit: 'ms/s',
        detail: 'of the whole daemon, the waking of the classifier included',
      },
    ];
  } finally {
    await daemon.stop();
  }
}

interface Played {
  readonly code: number;
  readonly events: DaemonEvent[];
  readonly latenciesMs: number[];
}

async function play(url: string, { samples }: Clip): Promise<Played> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/listen`);
  const events: DaemonEvent[] = [];
  const latenciesMs: number[] = [];
  await once(socket, 'open');
  const startMs = performance.now();
  const dueMs = (sample: number) => startMs + sample / 16;
  socket.on('message', (data) => {
    const event = JSON.parse(String(data)) as DaemonEvent;
    events.push(event);
    if (event.type === 'detection') latenciesMs.push(Math.round(performance.now() - dueMs(event.sample)));
  });
  const closed = once(socket, 'close');
  for (let at = 0; at < samples.length; at += PIECE_SAMPLES) {
    await sleep(Math.max(0, dueMs(at + PIECE_SAMPLES) - performance.now()));
    const piece = samples.subarray(at, at + PIECE_SAMPLES);
    socket.send(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
  }
  socket.send(JSON.stringify({ type: 'finish' }));
  const [code] = (await closed) as [number];
  return { code, events, latenciesMs };
}
