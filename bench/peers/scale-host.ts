import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { AudioDecoding, readAudioFile } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import { DaemonStream, STREAM_CAPACITY } from '../../src/daemon/sent-stream.js';
import { detectAudio } from '../../src/detect-audio.js';
import { EnergyMeter } from '../../src/energy/index.js';
import { readPack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import { cpuMs } from '../measure.js';
import { SAMPLE_FILE } from '../paths.js';
import { PIECE_SAMPLES, StreamAudio } from './stream-audio.js';

/** Many streams at real-time pace in one process, as the service hears them: see scale.ts, which starts it. */

export interface ScaleRun {
  readonly modelDir: string;
  readonly streams: number;
  readonly seconds: number;
  /** `words`: each stream has one, at its own time; `together`: all at the same time. */
  readonly sound: 'quiet' | 'words' | 'together';
}

export interface ScaleResult {
  /** Of the process, all threads, while the audio came. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** From when the last sample of a piece was due until it was heard. */
  readonly lagMs: { readonly median: number; readonly p99: number };
  /** How far the latest stream's sample clock is behind the time at the end. */
  readonly behindMs: number;
  readonly handoffs: number;
  readonly longestQueue: number;
  readonly dropped: number;
  readonly unanswered: number;
  readonly words: number;
  /** Streams whose detections are not those of the same audio heard alone. */
  readonly wrong: number;
  readonly residentMb: number;
}

const RATE = 16_000;
const PIECE_MS = (1000 * PIECE_SAMPLES) / RATE;
/** Streams begin at so many different moments of a piece. */
const PHASES = 10;

const run = JSON.parse(process.argv[2]) as ScaleRun;
const pack = await readPack(run.modelDir);
const audio = new StreamAudio(run, run.sound === 'quiet' ? new Int16Array(0) : await aWord());
const expected = await heardAlone();
process.stdout.write(JSON.stringify(await listenToAll()));

async function listenToAll(): Promise<ScaleResult> {
  const { streams: count, seconds } = run;
  // The room that the service gives: what all streams may hand over at once is half of it.
  const classifier = new Classifier({ pack, capacity: 2 * STREAM_CAPACITY * count });
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const listeners = Array.from({ length: count }, (_, streamId) => {
    return new Listener({ pack, classifier, meter, streamId });
  });
  const decoding = new AudioDecoding();
  const heard: string[][] = listeners.map(() => []);
  const streams = await Promise.all(
    listeners.map((listener) =>
      DaemonStream.open({ format: {}, decoding, listener, labelOf: (keyword) => keyword, onClose: () => {} }),
    ),
  );
  for (const [n, stream] of streams.entries()) {
    stream.events.on('event', (event) => {
      if (event.type === 'detection') heard[n].push(`${event.keyword} ${event.sample}`);
    });
  }
  const pieces = Math.floor((seconds * RATE) / PIECE_SAMPLES);
  const phases = Math.min(PHASES, count);
  const lags = new Float32Array(pieces * count);
  let lag = 0;
  let lateMs = 0;
  let longestQueue = 0;
  const done = Promise.resolve();
  const busy: Promise<void>[] = streams.map(() => done);
  const push = (n: number, piece: number) => streams[n].push(audio.piece(n, piece));
  const startCpuMs = cpuMs();
  const startMs = performance.now();
  for (let tick = 0; tick < pieces * phases; tick++) {
    const dueMs = startMs + PIECE_MS * (1 + tick / phases);
    const waitMs = dueMs - performance.now();
    // Late as it may be, answers of the classifier have to come in.
    await (waitMs > 0 ? sleep(waitMs) : turn());
    lateMs = performance.now() - dueMs;
    const piece = Math.floor(tick / phases);
    for (let n = tick % phases; n < count; n += phases) {
      // In order, and without a wait where there is nothing to wait for.
      const pushed = busy[n] === done ? push(n, piece) : busy[n].then(() => push(n, piece));
      const heard = pushed.then(() => {
        lags[lag++] = performance.now() - dueMs;
        if (busy[n] === heard) busy[n] = done;
      });
      busy[n] = heard;
    }
    longestQueue = Math.max(longestQueue, classifier.status().queued);
  }
  await turn();
  const behindSamples = Math.max(...streams.map(({ samples }) => pieces * PIECE_SAMPLES - samples));
  const wallMs = performance.now() - startMs;
  const spentMs = cpuMs() - startCpuMs;
  const residentMb = process.memoryUsage.rss() / 2 ** 20;
  await Promise.all(busy);
  await Promise.all(streams.map((stream) => stream.finish()));
  const { dropped, answered } = classifier.status();
  const handoffs = listeners.reduce((sum, listener) => sum + listener.account().handoffs.count, 0);
  await classifier.close();
  lags.sort();
  return {
    cpuMs: spentMs,
    wallMs,
    lagMs: { median: lags[lags.length >> 1], p99: lags[Math.floor(0.99 * lags.length)] },
    behindMs: lateMs + (1000 * behindSamples) / RATE,
    handoffs,
    longestQueue,
    dropped,
    unanswered: handoffs - answered,
    words: heard.reduce((sum, detections) => sum + detections.length, 0),
    wrong: heard.filter((detections, n) => detections.join() !== expected[n % expected.length]).length,
    residentMb,
  };
}

/** What is detected in the audio of each stream, when nothing else is heard: of as many as differ. */
async function heardAlone(): Promise<string[]> {
  const classifier = new Classifier({ pack });
  const alone: string[] = [];
  for (let n = 0; n < Math.min(run.streams, audio.variants); n++) {
    const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
    const listener = new Listener({ pack, classifier, meter });
    const detections: string[] = [];
    listener.on('detection', ({ keyword, sample }) => detections.push(`${keyword} ${sample}`));
    for (let piece = 0; (piece + 1) * PIECE_SAMPLES <= run.seconds * RATE; piece++) {
      await listener.ready();
      const bytes = audio.piece(n, piece);
      listener.push(new Int16Array(bytes.buffer, bytes.byteOffset, PIECE_SAMPLES), piece * PIECE_SAMPLES);
    }
    await listener.finish();
    alone.push(detections.join());
  }
  await classifier.close();
  if (run.sound !== 'quiet' && alone.some((detections) => detections === '')) {
    throw new Error(`a word is not heard in quiet, so that nothing could be compared: ${alone.join('; ')}`);
  }
  return alone;
}

/** The first word that is detected in the bundled sample, and what comes right before it. */
async function aWord(): Promise<Int16Array> {
  const samples = await readAudioFile(SAMPLE_FILE);
  const classifier = new Classifier({ pack });
  const whole = (async function* () {
    yield { samples, startSample: 0 };
  })();
  const { detections } = await detectAudio('sample', whole, { pack, classifier });
  await classifier.close();
  const [first] = detections;
  if (!first) throw new Error('nothing is detected in the bundled sample');
  return samples.slice(Math.max(0, (first.time - 1.6) * RATE), (first.time + 0.3) * RATE);
}
