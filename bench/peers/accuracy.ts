import { countInterval, rateInterval } from '../../src/training/evaluation/intervals.js';
import type { Rate } from '../../src/training/evaluation/rates.js';
import { CONDITIONS, type ComparedAudio, type Condition } from './audio.js';
import type { EngineDescription } from './engines.js';
import { NEGATIVES, type Negative } from './negatives.js';
import type { HeardClip } from './protocol.js';

/** What an engine misses of a word, and takes for it, at one threshold or sensitivity. */
export interface Point {
  readonly setting: number;
  readonly missed: Readonly<Record<Condition, Rate>>;
  /** By what is heard, and in all of it; `unseen` is not part of `all`, and null where there is none. */
  readonly falseAccepts: Readonly<Record<Negative | 'all', Rate>> & { readonly unseen: Rate | null };
}

/** Counts at one threshold or sensitivity. */
export interface SweepPoint {
  readonly setting: number;
  /** In each condition. */
  readonly missed: readonly number[];
  /** Clips of each condition. */
  readonly of: number;
  readonly falseAccepts: number;
  readonly hours: number;
}

export interface WordAccuracy {
  readonly engine: string;
  readonly word: string;
  /** Which version of the engine or of wakegate's pack has heard it; not known of the oldest. */
  readonly by?: string;
  /** As it is documented. */
  readonly asIs: Point;
  /** See {@link bestOf}; null where it has not heard enough to tell. */
  readonly best: Point | null;
  /** By rising setting, only where the counts change. */
  readonly sweep: readonly SweepPoint[];
  /** Detections of any word of an engine that hears several at once, where there is no word that is compared; null for others. */
  readonly anyWord: AnyWord | null;
  /** What set it off, as it is documented, by corpus: how often. */
  readonly setOffBy: Readonly<Record<string, number>>;
  /** From the end of a clean word to the end of the sound that completed its detection, as it is documented. */
  readonly latencyMs: { readonly median: number; readonly of: number } | null;
}

export interface AnyWord {
  readonly all: Rate;
  /** In streams of single words. */
  readonly words: Rate;
  /** In what nothing of wakegate was chosen on, which `all` is without. */
  readonly unseen: Rate;
}

/** What an engine has said of all audio, at one of its settings. */
export interface Answers {
  readonly setting: number | null;
  readonly positives: Readonly<Record<string, Readonly<Record<Condition, readonly HeardClip[]>>>>;
  readonly negatives: readonly HeardStream[];
}

/** What an engine has said of a stream without a word. */
export interface HeardStream {
  readonly name: string;
  readonly kind: Negative;
  readonly corpus: string;
  /** Nothing of wakegate was chosen on it. */
  readonly unseen: boolean;
  readonly hours: number;
  readonly clip: HeardClip;
}

/** Detections that are closer are one utterance, for every engine alike: 2 s. */
const REFRACTORY = 32_000;
/** Even steps of log-odds. */
const THRESHOLDS = Array.from({ length: 65 }, (_, i) => 1 / (1 + Math.exp(-(i - 26) / 4)));
/** The most false accepts an hour that the best setting may have. */
export const MOST_AN_HOUR = 0.5;
/** Less can hardly tell one false accept in two hours. */
const LEAST_HOURS = 1;

/** Judges what an engine answered at its own setting, and at others where it does not report scores; null where it has not heard the word yet. */
export function judge(
  engine: EngineDescription,
  word: string,
  audio: ComparedAudio,
  [asIs, ...others]: readonly Answers[],
): WordAccuracy | null {
  if (CONDITIONS.some((condition) => asIs.positives[word][condition].length === 0)) return null;
  const told = Object.values(asIs.positives[word]).some((clips) =>
    clips.some(({ scores }) => scores.length > 0),
  );
  const documented = engine.threshold;
  const point = (answers: Answers, threshold: number | null, setting: number) =>
    pointAt(answers, word, threshold, setting);
  const own = point(asIs, documented, documented ?? engine.setting ?? engine.documentedSetting ?? 0);
  const sweep = told
    ? THRESHOLDS.map((threshold) => point(asIs, threshold, threshold))
    : [
        own,
        ...others
          .filter(({ negatives }) => negatives.length > 0)
          .map((answers) => point(answers, null, answers.setting ?? 0)),
      ];
  sweep.sort((a, b) => a.setting - b.setting);
  return {
    engine: engine.name,
    word,
    asIs: own,
    best: own.falseAccepts.all.of >= LEAST_HOURS ? bestOf([own, ...sweep]) : null,
    sweep: changesOf(sweep),
    anyWord: engine.hearsAll ? anyWordOf(asIs) : null,
    setOffBy: setOffBy(asIs, word, documented),
    latencyMs: latency(asIs.positives[word].clean, word, documented, audio),
  };
}

/** Of each engine and word the one that has heard the most, where it is of the same version. */
export function mostHeard(
  before: readonly WordAccuracy[],
  now: readonly WordAccuracy[],
): readonly WordAccuracy[] {
  const hours = ({ asIs: { falseAccepts } }: WordAccuracy) =>
    falseAccepts.all.of + (falseAccepts.unseen?.of ?? 0);
  return now.map((own) => {
    const other = before.find(
      ({ engine, word, by }) => engine === own.engine && word === own.word && by === own.by,
    );
    return other && hours(other) > hours(own) ? other : own;
  });
}

/**
 * Of the settings with at most half a false accept an hour, the one that misses least over all conditions; of equals the one with fewer
 * false accepts, and of these the first. Where none has so few, those with the fewest.
 */
export function bestOf(points: readonly Point[]): Point {
  const misses = ({ missed }: Point) => CONDITIONS.reduce((sum, name) => sum + missed[name].events, 0);
  const accepts = ({ falseAccepts }: Point) => falseAccepts.all.rate;
  const fewest = Math.min(...points.map(accepts));
  const allowed = points.filter((point) => accepts(point) <= Math.max(fewest, MOST_AN_HOUR));
  return allowed.reduce((best, point) => {
    const fewer = misses(point) - misses(best) || accepts(point) - accepts(best);
    return fewer < 0 ? point : best;
  });
}

/**
 * Sample numbers at which a word was heard in a clip, once an utterance.
 *
 * @param threshold of its scores; null for the engine's own detections
 */
export function heardAt(clip: HeardClip, word: string, threshold: number | null): number[] {
  const all =
    threshold === null
      ? clip.detections.filter(([name]) => name === word).map(([, sample]) => sample)
      : clip.scores.filter(([name, , score]) => name === word && score >= threshold).map(([, at]) => at);
  const utterances: number[] = [];
  for (const sample of all) {
    if (utterances.length === 0 || sample - utterances.at(-1)! >= REFRACTORY) utterances.push(sample);
  }
  return utterances;
}

function pointAt(
  { positives, negatives }: Answers,
  word: string,
  threshold: number | null,
  setting: number,
): Point {
  const missed = {} as Record<Condition, Rate>;
  for (const condition of CONDITIONS) {
    const clips = positives[word][condition];
    const events = clips.filter((clip) => heardAt(clip, word, threshold).length === 0).length;
    const of = clips.length;
    missed[condition] = { events, of, rate: events / of, interval: rateInterval(events, of) };
  }
  const heard = (those: (stream: HeardStream) => boolean) =>
    rateIn(negatives.filter(those), (clip) => heardAt(clip, word, threshold));
  const falseAccepts = { all: heard(({ unseen }) => !unseen) } as Record<Negative | 'all', Rate>;
  for (const kind of NEGATIVES)
    falseAccepts[kind] = heard((stream) => stream.kind === kind && !stream.unseen);
  const unseen = negatives.some((stream) => stream.unseen) ? heard((stream) => stream.unseen) : null;
  return { setting, missed, falseAccepts: { ...falseAccepts, unseen } };
}

function anyWordOf({ negatives }: Answers): AnyWord {
  const heard = (those: (stream: HeardStream) => boolean) =>
    rateIn(negatives.filter(those), (clip) => {
      const any = { ...clip, detections: clip.detections.map(([, sample]) => ['any', sample] as const) };
      return heardAt(any, 'any', null);
    });
  return {
    all: heard(({ unseen }) => !unseen),
    words: heard(({ unseen, kind }) => !unseen && kind === 'words'),
    unseen: heard(({ unseen }) => unseen),
  };
}

/** @param heardIn where something was heard in a stream */
function rateIn(streams: readonly HeardStream[], heardIn: (clip: HeardClip) => readonly number[]): Rate {
  return perHour(
    streams.reduce((sum, { clip }) => sum + heardIn(clip).length, 0),
    streams.reduce((sum, { hours }) => sum + hours, 0),
  );
}

function setOffBy({ negatives }: Answers, word: string, threshold: number | null): WordAccuracy['setOffBy'] {
  const times: Record<string, number> = {};
  for (const { corpus, clip } of negatives) {
    const count = heardAt(clip, word, threshold).length;
    if (count > 0) times[corpus] = (times[corpus] ?? 0) + count;
  }
  return times;
}

function changesOf(sweep: readonly Point[]): SweepPoint[] {
  let before = '';
  return sweep.flatMap(({ setting, missed, falseAccepts }) => {
    const counts = {
      missed: CONDITIONS.map((condition) => missed[condition].events),
      of: missed.clean.of,
      falseAccepts: falseAccepts.all.events,
      hours: Number(falseAccepts.all.of.toFixed(4)),
    };
    const same = JSON.stringify(counts) === before;
    before = JSON.stringify(counts);
    return same ? [] : [{ setting: Number(setting.toFixed(4)), ...counts }];
  });
}

function perHour(events: number, hours: number): Rate {
  return {
    events,
    of: hours,
    rate: hours === 0 ? 0 : events / hours,
    interval: hours === 0 ? [0, Number.POSITIVE_INFINITY] : countInterval(events, hours),
  };
}

function latency(
  clips: readonly HeardClip[],
  word: string,
  threshold: number | null,
  { positives }: ComparedAudio,
): WordAccuracy['latencyMs'] {
  const { ends } = positives.find((those) => those.word === word)!;
  const late = clips
    .flatMap((clip, i) =>
      heardAt(clip, word, threshold)
        .slice(0, 1)
        .map((sample) => (sample - ends[i]) / 16),
    )
    .sort((a, b) => a - b);
  return late.length === 0 ? null : { median: Math.round(late[late.length >> 1]), of: late.length };
}
