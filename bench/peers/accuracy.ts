import { countInterval, rateInterval } from '../../src/training/evaluation/intervals.js';
import type { Rate } from '../../src/training/evaluation/rates.js';
import { CONDITIONS, type ComparedAudio, type Condition, NEGATIVES, type Negative } from './audio.js';
import { type EngineDescription, thresholdOf } from './engines.js';
import type { HeardClip } from './protocol.js';

/** What an engine misses of a word, and takes for it, at one threshold or sensitivity. */
export interface Point {
  readonly setting: number;
  readonly missed: Readonly<Record<Condition, Rate>>;
  readonly falseAccepts: Readonly<Record<Negative | 'all', Rate>>;
}

export interface WordAccuracy {
  readonly engine: string;
  readonly word: string;
  /** As it is documented. */
  readonly asIs: Point;
  /** See {@link bestOf}. */
  readonly best: Point;
  /** By rising setting. */
  readonly sweep: readonly Point[];
  /** From the end of a clean word to the end of the sound that completed its detection, as it is documented. */
  readonly latencyMs: { readonly median: number; readonly of: number } | null;
}

/** What an engine has said of all audio, at one of its settings. */
export interface Answers {
  readonly setting: number | null;
  readonly positives: Readonly<Record<string, Readonly<Record<Condition, readonly HeardClip[]>>>>;
  readonly negatives: Readonly<Record<Negative, readonly HeardClip[]>>;
}

/** Detections that are closer are one utterance, for every engine alike: 2 s. */
const REFRACTORY = 32_000;
/** Even steps of log-odds. */
const THRESHOLDS = Array.from({ length: 65 }, (_, i) => 1 / (1 + Math.exp(-(i - 26) / 4)));
/** The most false accepts that the best setting may have: what can be told from none in an hour or so. */
const MOST_FALSE_ACCEPTS = 1;

/** Judges what an engine answered at its own setting, and at others where it does not report scores. */
export function judge(
  engine: EngineDescription,
  word: string,
  audio: ComparedAudio,
  [asIs, ...others]: readonly Answers[],
): WordAccuracy {
  const told = Object.values(asIs.positives[word]).some((clips) =>
    clips.some(({ scores }) => scores.length > 0),
  );
  const documented = thresholdOf(engine, word);
  const point = (answers: Answers, threshold: number | null, setting: number) =>
    pointAt(answers, word, audio, threshold, setting);
  const own = point(asIs, documented, documented ?? engine.setting ?? 0);
  const sweep = told
    ? THRESHOLDS.map((threshold) => point(asIs, threshold, threshold))
    : [own, ...others.map((answers) => point(answers, null, answers.setting ?? 0))];
  sweep.sort((a, b) => a.setting - b.setting);
  return {
    engine: engine.name,
    word,
    asIs: own,
    best: bestOf([own, ...sweep]),
    sweep,
    latencyMs: latency(asIs.positives[word].clean, word, documented, audio),
  };
}

/**
 * Of the settings with at most one false accept, the one that misses least over all conditions; of equals the one with fewer false
 * accepts, and of these the first.
 */
export function bestOf(points: readonly Point[]): Point {
  const misses = ({ missed }: Point) => CONDITIONS.reduce((sum, name) => sum + missed[name].events, 0);
  const accepts = ({ falseAccepts }: Point) => falseAccepts.all.events;
  const fewest = Math.min(...points.map(accepts));
  const allowed = points.filter((point) => accepts(point) <= Math.max(fewest, MOST_FALSE_ACCEPTS));
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
  audio: ComparedAudio,
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
  const falseAccepts = {} as Record<Negative | 'all', Rate>;
  let [allEvents, allHours] = [0, 0];
  for (const kind of NEGATIVES) {
    const events = negatives[kind].reduce((sum, clip) => sum + heardAt(clip, word, threshold).length, 0);
    const hours = audio.negatives[kind].lengths.reduce((a, b) => a + b, 0) / 16_000 / 3600;
    falseAccepts[kind] = perHour(events, hours);
    allEvents += events;
    allHours += hours;
  }
  falseAccepts.all = perHour(allEvents, allHours);
  return { setting, missed, falseAccepts };
}

function perHour(events: number, hours: number): Rate {
  return { events, of: hours, rate: events / hours, interval: countInterval(events, hours) };
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
