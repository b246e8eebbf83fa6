import { RawPcmConverter } from '../../src/audio/index.js';
import type { Classifier } from '../../src/classifier/index.js';
import { EnergyMeter } from '../../src/energy/index.js';
import { type ModelPack, readPack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import { joined, quietRoom } from '../measure.js';
import { speechClips } from '../speech-clips.js';
import { VAD_FRAME, WebRtcVad } from '../web-rtc-vad.js';
import { type Limits, measureLimits } from './limits.js';
import { type Section, type SectionOptions, table } from './own-section.js';
import { cpuSpreads, type Spread, scaled, short, spreadText } from './spread.js';
import { type StageWork, stagesOf } from './stage-works.js';

const RATE = 16_000;
/** As a stream comes in: 80 ms. */
const CHUNK = 1280;

/** What a stage does for a second of audio that it hears all of. */
export interface StageRow {
  readonly name: string;
  /** CPU milliseconds. */
  readonly cpuMs: Spread;
  readonly macs: number;
  /** Of samples, weights and tables in, of results out: each once, as if nothing had to be put down in between. */
  readonly bytes: number;
  /** CPU milliseconds that the multiplications, or the bytes, would take at the speed of {@link Limits}. */
  readonly limitMs: number;
  /** Share of the seconds in which it runs. */
  readonly inQuiet: number;
  readonly inSpeech: number;
}

export interface StagesData {
  readonly rows: readonly StageRow[];
  readonly limits: Limits;
  /** CPU milliseconds per second of audio of all of it together, as it runs, and of WebRTC's VAD. */
  readonly listening: Readonly<Record<'quiet' | 'speech', Spread>>;
  readonly vad: Readonly<Record<'quiet' | 'speech', Spread>>;
}

/** Where the time of the always-on path goes, against what its bytes and operations would take at the least. */
export async function runStages({ quick, modelDir }: SectionOptions): Promise<Section<StagesData>> {
  const pack = await readPack(modelDir);
  const seconds = quick ? 5 : 60;
  const rounds = quick ? 1 : 9;
  const { clips, what } = await speechClips(40);
  const quiet = await hearing(pack, quietRoom(seconds * RATE));
  const speech = await hearing(pack, joined(clips, seconds * RATE));
  const makeVad = await WebRtcVad.load();
  const whole = await cpuSpreads(
    {
      quiet: quiet.hearAgain,
      vadQuiet: () => judge(makeVad(3), quiet.samples),
      speech: speech.hearAgain,
      vadSpeech: () => judge(makeVad(3), speech.samples),
    },
    rounds,
  );
  const limits = measureLimits(rounds);
  const stages = await stagesOf(pack, speech.samples);
  const alone = await cpuSpreads(Object.fromEntries(stages.map(({ name, work }) => [name, work])), rounds);
  const perSecond = (spread: Spread) => scaled(spread, 1 / seconds);
  const rows = stages.map(
    ({ name, macs, bytes, runs }): StageRow => ({
      name,
      cpuMs: perSecond(alone[name]),
      macs,
      bytes,
      limitMs: 1000 * Math.max(macs / limits.macsPerSecond, bytes / limits.bytesPerSecond),
      inQuiet: quiet.shares[runs],
      inSpeech: speech.shares[runs],
    }),
  );
  const data: StagesData = {
    rows,
    limits,
    listening: { quiet: perSecond(whole.quiet), speech: perSecond(whole.speech) },
    vad: { quiet: perSecond(whole.vadQuiet), speech: perSecond(whole.vadSpeech) },
  };
  return { lines: linesOf(data, what), markdown: markdownOf(data, { seconds, rounds, what }), data };
}

interface Hearing {
  readonly samples: Int16Array;
  /** Bytes in, handoffs out: all but the classifier, on a stream that continues. */
  readonly hearAgain: () => void;
  /** How much of a second a stage works, by when it runs; handoffs: how many of them in a second. */
  readonly shares: Readonly<Record<StageWork['runs'], number>>;
}

async function hearing(pack: ModelPack, samples: Int16Array): Promise<Hearing> {
  const converter = await RawPcmConverter.create({ rate: RATE, channels: 1, channel: 0 });
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const listener = new Listener({ pack, classifier: DEAF, meter });
  let sample = 0;
  const hearAgain = () => {
    for (let at = 0; at < bytes.length; at += 2 * CHUNK) {
      const chunk = converter.push(bytes.subarray(at, at + 2 * CHUNK));
      listener.push(chunk, sample);
      sample += chunk.length;
    }
  };
  // The stream has begun, and the level gate has found its floor, before anything is counted.
  hearAgain();
  const before = meter.snapshot().stages;
  hearAgain();
  const { features, handoff } = meter.snapshot().stages;
  const frameBytes = Float32Array.BYTES_PER_ELEMENT * pack.features.coefficients;
  const frames = (features.bytesOut - before.features.bytesOut) / frameBytes;
  return {
    samples,
    hearAgain,
    shares: {
      always: 1,
      frames: (frames * pack.features.hopSamples) / samples.length,
      handoffs: ((handoff.calls - before.handoff.calls) * RATE) / samples.length,
    },
  };
}

/** Takes handoffs and says nothing: what it would do is not part of listening. */
const DEAF = { classify: () => Promise.resolve(null) } as unknown as Classifier;

function judge(vad: WebRtcVad, samples: Int16Array): void {
  for (let at = 0; at + VAD_FRAME <= samples.length; at += VAD_FRAME) vad.isVoiced(samples, at);
  vad.close();
}

function linesOf({ listening, vad }: StagesData, what: string): Section<unknown>['lines'] {
  return [
    {
      name: 'listening to a quiet room',
      value: listening.quiet.median,
      unit: 'ms/s',
      bar: { atMost: 0.5 },
      detail: `${spreadText(listening.quiet)} ms of CPU per second: bytes, level gate, and what goes further`,
    },
    {
      name: "listening to a quiet room / WebRTC's VAD",
      value: listening.quiet.median / vad.quiet.median,
      unit: 'x',
      bar: { atMost: 1.5 },
      detail: `${spreadText(listening.quiet)} / ${spreadText(vad.quiet)} ms/s`,
    },
    {
      name: "listening to speech / WebRTC's VAD",
      value: listening.speech.median / vad.speech.median,
      unit: 'x',
      detail: `${spreadText(listening.speech)} / ${spreadText(vad.speech)} ms/s; ${what}, without the classifier`,
    },
  ];
}

interface Circumstances {
  readonly seconds: number;
  readonly rounds: number;
  readonly what: string;
}

function markdownOf({ rows, limits, listening, vad }: StagesData, how: Circumstances): string {
  const sum = (share: (row: StageRow) => number) =>
    rows
      .filter(({ name }) => !name.startsWith('–'))
      .reduce((total, row) => total + share(row) * row.cpuMs.median, 0);
  const [inQuiet, inSpeech] = [sum((row) => row.inQuiet), sum((row) => row.inSpeech)];
  return `## Where the always-on time goes

CPU ms per second of audio: median (least to most) of ${how.rounds} rounds of ${how.seconds} s, each stage alone on what it gets of ${how.what}.
Bytes are those that have to go in and out (samples, weights, tables, results), each once.
The limit is the time that plain JavaScript needs for the multiplications, at ${short(limits.macsPerSecond / 1e9)} billion a second, which the best loop reached here, or for the bytes, at ${short(limits.bytesPerSecond / 1e9)} GB/s, whichever is longer.

${table(
  [
    'stage',
    'ms per second that it hears',
    'multiplications/s',
    'bytes/s',
    'limit, ms',
    'over the limit',
    'quiet, ms/s',
    'speech, ms/s',
  ],
  [
    ...rows.map((row) => [
      row.name,
      spreadText(row.cpuMs),
      short(row.macs),
      short(row.bytes),
      short(row.limitMs),
      `${short(row.cpuMs.median / row.limitMs)} x`,
      short(row.inQuiet * row.cpuMs.median),
      short(row.inSpeech * row.cpuMs.median),
    ]),
    ['sum of the stages', '', '', '', '', '', short(inQuiet), short(inSpeech)],
    [
      '**all of it, as it runs**',
      '',
      '',
      '',
      '',
      '',
      spreadText(listening.quiet),
      spreadText(listening.speech),
    ],
    ["WebRTC's VAD on the same", '', '', '', '', '', spreadText(vad.quiet), spreadText(vad.speech)],
  ],
)}

The handoff's row is for one handoff; the columns quiet and speech count as many as there were.

What brings it close to the limit:

- Below the noise floor a sample is only copied and squared (the level gate), so a quiet room costs neither FFT nor network.
- The FFT of real numbers is one complex transform of half the size. The mel bank's rows are sparse, and the DCT is a table.
- The front half computes each step once and keeps it in rings. Nothing is allocated.

The stages are those of the plain path, which is the reference, and what runs where there is no SIMD.
As it runs, the FFT and the front half are WebAssembly with SIMD (\`npm run bench:simd\`), so the last row but one can be less than the sum.`;
}
