import { Classifier } from '../../src/classifier/index.js';
import { EnergyMeter } from '../../src/energy/index.js';
import { type ModelPack, readPack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import type { Picture, Point } from '../../src/training/figures/picture.js';
import { benchAlwaysOn } from '../always-on.js';
import { quietRoom } from '../measure.js';
import { speechClips } from '../speech-clips.js';
import { WebRtcVad } from '../web-rtc-vad.js';
import { type Section, type SectionOptions, table } from './own-section.js';
import { cpuSpreads, type Spread, scaled, short, spreadText } from './spread.js';
import { VadGatedListener } from './vad-gated-listener.js';

const RATE = 16_000;
/** As a microphone gives it while there is something to hear: 80 ms. */
const CHUNK = 1280;
/** Each of them begins with speech, and ends with quiet. */
const PERIOD_SECONDS = 20;
const SHARES = [0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];

const WAYS = ['wakegate', 'vad', 'ungated'] as const;
type Way = (typeof WAYS)[number];

export interface ActivityPoint {
  /** Share of the time in which someone speaks. */
  readonly speech: number;
  /** CPU milliseconds per second of audio, all threads. */
  readonly cpuMs: Readonly<Record<Way, Spread>>;
  /** The ungated way, if its classifier computed only what is new in each window: reckoned, not run. */
  readonly incrementalMs: number;
  readonly handoffsPerSecond: Readonly<Record<Way, number>>;
}

export interface ActivityData {
  readonly points: readonly ActivityPoint[];
  /** CPU milliseconds of waking the classifier once, which the points leave out. */
  readonly wakeMs: number;
}

/** What listening costs against how much is said: with our gates, behind WebRTC's VAD, and without a gate. */
export async function runActivity({ quick, modelDir }: SectionOptions): Promise<Section<ActivityData>> {
  const pack = await readPack(modelDir);
  const seconds = quick ? PERIOD_SECONDS : 3 * PERIOD_SECONDS;
  const rounds = quick ? 1 : 5;
  const { clips, what } = await speechClips(40);
  const makeVad = await WebRtcVad.load();
  const [{ value: incrementalShare }] = await benchAlwaysOn(pack);
  let wakeMs = 0;
  const classifier = new Classifier({ pack, idleMs: 3_600_000 });
  classifier.on('cost', ({ wakeCpuMs }) => {
    wakeMs += wakeCpuMs;
  });
  const points: ActivityPoint[] = [];
  for (const speech of quick ? [0, 0.2, 1] : SHARES) {
    const samples = withSpeech(speech, seconds, clips);
    const heard: Partial<Record<Way, Heard>> = {};
    const works = Object.fromEntries(
      WAYS.map((way) => [
        way,
        async () => {
          heard[way] = await listen(way, samples, pack, classifier, makeVad);
        },
      ]),
    ) as Record<Way, () => Promise<void>>;
    const spent = await cpuSpreads(works, rounds);
    const ofWays = <Value>(value: (way: Way) => Value) =>
      Object.fromEntries(WAYS.map((way) => [way, value(way)])) as Record<Way, Value>;
    const cpuMs = ofWays((way) => scaled(spent[way], 1 / seconds));
    points.push({
      speech,
      cpuMs,
      incrementalMs: cpuMs.ungated.median - ((1 - incrementalShare) * heard.ungated!.classifierMs) / seconds,
      handoffsPerSecond: ofWays((way) => heard[way]!.handoffs / seconds),
    });
  }
  await classifier.close();
  return {
    lines: linesOf(points, seconds, what),
    markdown: markdownOf(points, { seconds, rounds, what, wakeMs, incrementalShare }),
    pictures: { 'activity.svg': costByActivity(points) },
    data: { points, wakeMs },
  };
}

interface Heard {
  readonly handoffs: number;
  readonly classifierMs: number;
}

async function listen(
  way: Way,
  samples: Int16Array,
  pack: ModelPack,
  classifier: Classifier,
  makeVad: (mode: number) => WebRtcVad,
): Promise<Heard> {
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const listener = new Listener({ pack, classifier, meter, gate: way === 'wakegate' ? 'on' : 'off' });
  const vad = way === 'vad' ? makeVad(3) : null;
  const ear = vad ? new VadGatedListener(listener, vad) : listener;
  for (let at = 0; at < samples.length; at += CHUNK) {
    ear.push(samples.subarray(at, at + CHUNK), at);
    // Live, a handoff is answered before the next one comes, and batches would flatter whoever has the most.
    await listener.settled();
  }
  vad?.close();
  return {
    handoffs: listener.account().handoffs.count,
    classifierMs: meter.snapshot().stages.classifier.cpuMs,
  };
}

/** A quiet room in which someone speaks for a share of each period. */
function withSpeech(share: number, seconds: number, clips: readonly Int16Array[]): Int16Array {
  const samples = quietRoom(seconds * RATE);
  const spoken = Math.round(share * PERIOD_SECONDS * RATE);
  let clip = 0;
  for (let start = 0; start < samples.length; start += PERIOD_SECONDS * RATE) {
    for (let at = 0; at < spoken; clip++) {
      const part = clips[clip % clips.length].subarray(0, spoken - at);
      for (let i = 0; i < part.length; i++) samples[start + at + i] += part[i];
      at += part.length;
    }
  }
  return samples;
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

function linesOf(points: readonly ActivityPoint[], seconds: number, what: string): Section<unknown>['lines'] {
  return points.flatMap(({ speech, cpuMs, incrementalMs }) => {
    const detail = `${spreadText(cpuMs.wakegate)} ms/s; ${seconds} s a round, of which ${percent(speech)} ${what}`;
    return [
      {
        name: `activity ${percent(speech)}: behind WebRTC's VAD / wakegate`,
        value: cpuMs.vad.median / cpuMs.wakegate.median,
        unit: 'x',
        detail: `${spreadText(cpuMs.vad)} / ${detail}`,
      },
      {
        name: `activity ${percent(speech)}: ungated / wakegate`,
        value: incrementalMs / cpuMs.wakegate.median,
        unit: 'x',
        detail: `${short(incrementalMs)} by increments, ${spreadText(cpuMs.ungated)} as run / ${detail}`,
      },
    ];
  });
}

interface Circumstances {
  readonly seconds: number;
  readonly rounds: number;
  readonly what: string;
  readonly wakeMs: number;
  readonly incrementalShare: number;
}

function markdownOf(points: readonly ActivityPoint[], how: Circumstances): string {
  return `## Cost against activity

CPU ms per second of audio, all threads: median (least to most) of ${how.rounds} rounds of ${how.seconds} s in 80 ms chunks, after one that is not counted.
In a quiet room, someone speaks for a share of each ${PERIOD_SECONDS} s (${how.what}).
Waking the classifier costs ${short(how.wakeMs)} ms each time and is left out: how often it happens depends on the pauses, and on \`idleSeconds\`.

${table(
  [
    'speech',
    'wakegate',
    "behind WebRTC's VAD",
    'ungated',
    'ungated, by increments',
    'VAD / wakegate',
    'increments / wakegate',
    'handoffs/s: wakegate, VAD, ungated',
  ],
  points.map(({ speech, cpuMs, incrementalMs, handoffsPerSecond: handoffs }) => [
    percent(speech),
    spreadText(cpuMs.wakegate),
    spreadText(cpuMs.vad),
    spreadText(cpuMs.ungated),
    short(incrementalMs),
    `${short(cpuMs.vad.median / cpuMs.wakegate.median)} x`,
    `${short(incrementalMs / cpuMs.wakegate.median)} x`,
    WAYS.map((way) => short(handoffs[way])).join(', '),
  ]),
)}

All three have the same front half and classifier.
The VAD is libfvad in its strictest mode, with 0.64 s before and 0.4 s after what is voiced.
The ungated way hands over every window.
By increments it would compute only what is new in each window, which was measured to take ${short(how.incrementalShare)} of a whole window's time: the fairest always-on baseline.
A VAD lets all speech through; the gate looks for the words.
So only the silence of the room, which both skip, costs about the same.`;
}

export function costByActivity(points: readonly ActivityPoint[]): Picture {
  const curve = (name: string, value: (point: ActivityPoint) => number) => ({
    name,
    points: points.map((point): Point => [100 * point.speech, value(point)]),
  });
  return {
    title: 'What listening costs against how much is said',
    x: { label: 'speech, % of the time', range: [0, 100] },
    y: { label: 'CPU, ms per second of audio', scale: 'log' },
    series: [
      curve('ungated', ({ cpuMs }) => cpuMs.ungated.median),
      curve('ungated, by increments', ({ incrementalMs }) => incrementalMs),
      curve("behind WebRTC's VAD", ({ cpuMs }) => cpuMs.vad.median),
      curve('wakegate', ({ cpuMs }) => cpuMs.wakegate.median),
    ],
  };
}
