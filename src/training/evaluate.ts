import { Classifier } from '../classifier/index.js';
import type { ModelPack } from '../model/index.js';
import { atSnr } from './add-noise.js';
import type { Clip } from './corpus.js';
import { countInterval, type Interval, rateInterval } from './intervals.js';
import { type HeardInClip, listenToClip } from './listen-to-clip.js';
import { Random } from './random.js';

/** A count of so many, as a rate with its 95 % interval. */
export interface Rate {
  readonly events: number;
  readonly of: number;
  readonly rate: number;
  readonly interval: Interval;
}

/** Figures of a pack, from the pipeline that the daemon runs. */
export interface Evaluation {
  readonly pack: string;
  /** Clips with no detection of their keyword, by condition (`clean`, `10 dB`, ...) and for all keywords together. */
  readonly falseRejects: Readonly<Record<string, Rate>>;
  readonly falseRejectsByKeyword: Readonly<Record<string, Readonly<Record<string, Rate>>>>;
  /** Clips with a detection of another keyword than theirs. */
  readonly confused: Readonly<Record<string, Rate>>;
  /** Clips in which the gate never opened. */
  readonly falseStops: Readonly<Record<string, Rate>>;
  /** Detections in recordings without a keyword: `of` is hours, `rate` per hour. */
  readonly falseAccepts: Readonly<Record<string, Rate>>;
  /** Clips of other words with a detection. */
  readonly otherWords: Rate;
  /** Share of steps stopped, by kind of recording. */
  readonly stopped: Readonly<Record<string, { readonly steps: number; readonly rate: number }>>;
  /** Bytes handed over for the clean keyword clips, against dense float32. */
  readonly compression: { readonly bytes: number; readonly denseBytes: number; readonly rate: number };
}

export interface EvaluateOptions {
  readonly backend: 'auto' | 'node' | 'wasm';
  readonly levelGate: 'on' | 'off';
  /** Levels at which noise is added to the keyword clips. */
  readonly snrDb: readonly number[];
}

interface Heard extends HeardInClip {
  readonly clip: Clip;
}

const KINDS = ['speech', 'noise', 'music'] as const;

/** Runs every clip through a stream of its own, as `wakegate detect` does. */
export async function evaluate(
  pack: ModelPack,
  clips: readonly Clip[],
  options: EvaluateOptions,
): Promise<Evaluation> {
  const classifier = new Classifier({ pack, backend: options.backend });
  const names = pack.keywords.map(({ name }) => name);
  const listenAll = async (some: readonly Clip[]): Promise<Heard[]> => {
    const heard: Heard[] = [];
    for (const clip of some) {
      heard.push({ clip, ...(await listenToClip(clip.samples, pack, classifier, options.levelGate)) });
    }
    return heard;
  };

  const positives = clips.filter(({ kind, label }) => kind === 'word' && names.includes(label));
  const noises = clips.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
  const conditions: Record<string, Heard[]> = { clean: await listenAll(positives) };
  for (const snrDb of options.snrDb) {
    const random = new Random(1000 + snrDb);
    const noisy = positives.map((clip) => ({ ...clip, samples: atSnr(clip.samples, noises, snrDb, random) }));
    conditions[`${snrDb} dB`] = await listenAll(noisy);
  }
  const others = await listenAll(
    clips.filter(({ kind, label }) => kind === 'word' && !names.includes(label)),
  );
  const negatives: Record<string, Heard[]> = {};
  for (const kind of KINDS) negatives[kind] = await listenAll(clips.filter((clip) => clip.kind === kind));
  await classifier.close();

  const rateOf = (heard: readonly Heard[], isEvent: (heard: Heard) => boolean): Rate => {
    const events = heard.filter(isEvent).length;
    return {
      events,
      of: heard.length,
      rate: events / heard.length,
      interval: rateInterval(events, heard.length),
    };
  };
  const missed = ({ clip, keywords }: Heard) => !keywords.includes(clip.label);
  const each = <T>(make: (heard: Heard[]) => T) =>
    Object.fromEntries(Object.entries(conditions).map(([name, heard]) => [name, make(heard)]));
  return {
    pack: pack.name,
    falseRejects: each((heard) => rateOf(heard, missed)),
    falseRejectsByKeyword: Object.fromEntries(
      names.map((name) => [
        name,
        each((heard) =>
          rateOf(
            heard.filter(({ clip }) => clip.label === name),
            missed,
          ),
        ),
      ]),
    ),
    confused: each((heard) =>
      rateOf(heard, ({ clip, keywords }) => keywords.some((keyword) => keyword !== clip.label)),
    ),
    falseStops: each((heard) => rateOf(heard, ({ account }) => account.openings === 0)),
    falseAccepts: {
      ...Object.fromEntries(KINDS.map((kind) => [kind, perHour(negatives[kind])])),
      all: perHour(KINDS.flatMap((kind) => negatives[kind])),
    },
    otherWords: rateOf(others, ({ keywords }) => keywords.length > 0),
    stopped: Object.fromEntries(KINDS.map((kind) => [kind, stopRate(negatives[kind])])),
    compression: compression(conditions.clean),
  };
}

function perHour(heard: readonly Heard[]): Rate {
  const hours = heard.reduce((sum, { clip }) => sum + clip.samples.length, 0) / 16_000 / 3600;
  const events = heard.reduce((sum, { keywords }) => sum + keywords.length, 0);
  return { events, of: hours, rate: events / hours, interval: countInterval(events, hours) };
}

function stopRate(heard: readonly Heard[]): { steps: number; rate: number } {
  const steps = heard.reduce((sum, { account }) => sum + account.steps, 0);
  const passed = heard.reduce((sum, { account }) => sum + account.passed, 0);
  return { steps, rate: 1 - passed / steps };
}

function compression(heard: readonly Heard[]): Evaluation['compression'] {
  const bytes = heard.reduce((sum, { account }) => sum + account.handoffs.bytes, 0);
  const denseBytes = heard.reduce((sum, { account }) => sum + account.handoffs.denseBytes, 0);
  return { bytes, denseBytes, rate: 1 - bytes / denseBytes };
}

/** The figures as Markdown tables. */
export function asMarkdown(evaluation: Evaluation): string {
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
  const rate = ({ events, of, rate, interval: [low, high] }: Rate) =>
    `${percent(rate)} (${events} of ${of}; ${percent(low)} to ${percent(high)})`;
  const hourly = ({ events, of, rate, interval: [low, high] }: Rate) =>
    `${rate.toFixed(2)} per hour (${events} in ${of.toFixed(2)} h; ${low.toFixed(2)} to ${high.toFixed(2)})`;
  const rows = [
    ...Object.entries(evaluation.falseRejects).map(([name, value]) => [`missed, ${name}`, rate(value)]),
    ...Object.entries(evaluation.confused).map(([name, value]) => [
      `heard as another keyword, ${name}`,
      rate(value),
    ]),
    ...Object.entries(evaluation.falseAccepts).map(([name, value]) => [
      `false accepts, ${name}`,
      hourly(value),
    ]),
    ['other single words that set it off', rate(evaluation.otherWords)],
    ...Object.entries(evaluation.falseStops).map(([name, value]) => [
      `stopped by the gate, keyword clips, ${name}`,
      rate(value),
    ]),
    ...Object.entries(evaluation.stopped).map(([name, { steps, rate }]) => [
      `steps stopped, ${name}`,
      `${percent(rate)} of ${steps}`,
    ]),
    ['compression of what is handed over for keywords', percent(evaluation.compression.rate)],
  ];
  const conditions = Object.keys(evaluation.falseRejects);
  const words = Object.entries(evaluation.falseRejectsByKeyword).map(
    ([name, by]) => `| ${name} | ${conditions.map((condition) => rate(by[condition])).join(' | ')} |`,
  );
  return [
    '| what | rate (count; 95 % interval) |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
    `| missed | ${conditions.join(' | ')} |`,
    `| --- |${' --- |'.repeat(conditions.length)}`,
    ...words,
  ].join('\n');
}
