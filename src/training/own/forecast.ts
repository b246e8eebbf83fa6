import { logit } from '../../classifier/logit.js';
import { ENGLISH } from '../../model/index.js';
import { countInterval, rateInterval } from '../evaluation/intervals.js';
import type { Length, Phrase } from './phrase.js';
import { peaksOf } from './score.js';

/** How well a keyword is going to work, before anyone uses it. All intervals are 95 %. */
export interface Forecast {
  /**
   * Of people, near and in quiet: `share` and `interval` are what is expected of them, `count` and `of` are the missed and all of the
   * synthesized voices that training never heard.
   */
  readonly missed: Share;
  /** The same in noise and rooms, through other microphones; absent in forecasts of before. */
  readonly missedInNoise?: Share;
  /** Of the takes as they were recorded, by a keyword that was trained without them; null where there are none. */
  readonly takesMissed: Share | null;
  readonly falseAccepts: {
    /** Those in the bank, and their interval. */
    readonly count: number;
    readonly hours: number;
    /** What is expected: by how the highest scores of the bank fall off, since there are few of them. */
    readonly perHour: number;
    readonly interval: readonly [number, number];
  };
  /** Of what sounds like the phrase, spoken by the voices of training. */
  readonly nearHeard: Share;
  /** Where the false accepts of the bank are. */
  readonly heardIn: readonly { readonly kind: string; readonly corpus: string; readonly count: number }[];
  /** Of the bank, what says the phrase itself, and is neither trained nor counted against; null where its words are not known. */
  readonly leftOut: { readonly clips: number; readonly minutes: number } | null;
  /** Share of the bank's steps that the keyword's gate lets through. */
  readonly gateOpen: number;
}

export interface Share {
  readonly count: number;
  readonly of: number;
  readonly share: number;
  readonly interval: readonly [number, number];
}

export interface ForecastSettings {
  /** Of the dev part of the bank at each position, and whether the gate is open. */
  readonly scores: Float32Array;
  readonly open: Uint8Array;
  /** False accepts an hour, by the tail of their scores. */
  readonly perHour: number;
  readonly threshold: number;
  readonly devHours: number;
  readonly sources: readonly { readonly kind: string; readonly corpus: string; readonly until: number }[];
  /** Highest scores of clips that were held out. */
  readonly quiet: Float32Array;
  readonly noisy: Float32Array;
  readonly near: Float32Array;
  readonly leftOut: Forecast['leftOut'];
  /** Whether each take is heard by a keyword that was trained without it. */
  readonly takesHeard: readonly boolean[] | null;
  readonly length: Length;
}

export function forecastOf(settings: ForecastSettings): Forecast {
  const { scores, open, perHour, threshold, devHours, sources, quiet, noisy, near, takesHeard, leftOut } =
    settings;
  const people = PEOPLE[settings.length];
  const accepts = peaksOf(scores, threshold);
  const heardIn = new Map<string, { kind: string; corpus: string; count: number }>();
  for (const { at } of accepts) {
    const source = sources.find(({ until }) => 2 * at < until) ?? sources[sources.length - 1];
    const key = `${source.kind} ${source.corpus}`;
    const { kind, corpus } = source;
    heardIn.set(key, { kind, corpus, count: (heardIn.get(key)?.count ?? 0) + 1 });
  }
  const below = (scores: Float32Array) => scores.filter((score) => score < threshold).length;
  const opened = open.reduce((sum, one) => sum + one, 0);
  return {
    missed: ofPeople(quiet, threshold, people.quiet),
    missedInNoise: ofPeople(noisy, threshold, people.noisy),
    takesMissed: takesHeard && shareOf(takesHeard.filter((isHeard) => !isHeard).length, takesHeard.length),
    falseAccepts: {
      count: accepts.length,
      hours: rounded(devHours, 2),
      perHour: rounded(perHour, 3),
      interval: countInterval(accepts.length, devHours).map((value) => rounded(value, 3)) as [number, number],
    },
    nearHeard: shareOf(near.length - below(near), near.length),
    heardIn: [...heardIn.values()].sort((a, b) => b.count - a.count),
    leftOut: leftOut && { clips: leftOut.clips, minutes: rounded(leftOut.minutes, 1) },
    gateOpen: rounded(opened / Math.max(1, open.length), 4),
  };
}

/** Plain advice for people. */
export function adviceFor(
  { text, syllables, language }: Phrase,
  { missed, falseAccepts, nearHeard, heardIn, gateOpen }: Forecast,
  { takes, isNeural }: { readonly takes: number; readonly isNeural: boolean },
): string[] {
  const advice: string[] = [];
  if (syllables === 1) {
    advice.push(
      'Of seven words of one syllable that were measured, people were missed in 6 to 64 of 100, and two were heard by mistake more than once an hour.',
    );
  }
  if (syllables <= 2) {
    const every = falseAccepts.interval[1] > 0 ? 1 / falseAccepts.interval[1] : 0;
    advice.push(
      `${syllables === 1 ? 'One syllable is' : 'Two syllables are'} few: expect it to be heard by mistake up to once in ` +
        `${hoursText(every)} of speech. A second word helps most, such as "hey ${text}".`,
    );
  }
  if (language !== ENGLISH && takes === 0) {
    advice.push(
      'The forecast comes from synthesized voices, and in other languages than English people can sound quite unlike them: add ' +
        'recordings of those who are going to say it, with --record 5.',
    );
  }
  if (missed.share > 0.1) {
    advice.push(
      `One in ${Math.max(2, Math.round(1 / missed.share))} is missed: ` +
        (takes === 0
          ? 'add recordings of those who are going to say it, with --record 5.'
          : 'record more takes, from where you are going to say it.'),
    );
  }
  if (heardIn.length > 0 && falseAccepts.perHour > 0.3) {
    advice.push(`Most of what it hears by mistake is ${heardIn[0].kind} (${heardIn[0].corpus}).`);
  }
  if (nearHeard.share > 0.15) {
    advice.push(
      'Words that sound like it set it off too: choose a phrase with rarer sounds where that matters.',
    );
  }
  if (gateOpen > 0.15) {
    advice.push(
      `The gate stays open for it ${Math.round(100 * gateOpen)} % of the time in speech, which costs power.`,
    );
  }
  if (!isNeural) {
    advice.push(
      'Kokoro is not there, so only simple voices spoke it: run "wakegate train voices" once, then add it again.',
    );
  }
  return advice;
}

const MOST_MISSED = 0.4;
const MOST_PER_HOUR = 2;

/** Why it is not to go live; null where it may. */
export function whyRefused({ text }: Phrase, { missed, falseAccepts }: Forecast): string | null {
  const remedy = 'choose a longer phrase, add recordings, or take it as it is with --anyway';
  if (missed.share > MOST_MISSED) {
    return `"${text}" would be missed ${Math.round(100 * missed.share)} times in 100: ${remedy}`;
  }
  if (falseAccepts.perHour > MOST_PER_HOUR) {
    return `"${text}" would be heard by mistake ${Math.round(falseAccepts.perHour)} times an hour: ${remedy}`;
  }
  return null;
}

function hoursText(hours: number): string {
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} minutes`;
  return hours < 1.5 ? 'an hour' : `${Math.round(hours)} hours`;
}

function shareOf(count: number, of: number): Share {
  const interval = of === 0 ? ([0, 1] as const) : rateInterval(count, of);
  return {
    count,
    of,
    share: of === 0 ? 0 : rounded(count / of, 4),
    interval: [rounded(interval[0], 4), rounded(interval[1], 4)],
  };
}

/**
 * What synthesized voices say of people. Those miss words for reasons of their own, such as one that is swallowed; but people are
 * missed hardly ever where all voices are heard with some logits to spare, and now and then where that is not so.
 */
interface People {
  /** A voice that has no more than so many logits over the threshold is near to being missed. */
  readonly near: number;
  /** Share of people that are missed where all voices are near. */
  readonly most: number;
  /** Share of near voices at which two thirds of that are reached. */
  readonly scale: number;
  /** The odds that a person is missed are at least those of a voice times this: what hardly any voice is heard with is deaf. */
  readonly odds: number;
}

/** So many times as many as expected were missed at most, of nearly all words that were measured; and of some none. */
const SPREAD = 3.5;

/** docs/reference/training.md has the words that these were chosen on. */
export const PEOPLE: Readonly<Record<Length, Readonly<Record<'quiet' | 'noisy', People>>>> = {
  short: {
    quiet: { near: 4, most: 0.12, scale: 0.15, odds: 0.12 },
    noisy: { near: 5, most: 0.25, scale: 0.6, odds: 0.25 },
  },
  long: {
    quiet: { near: 4, most: 0.06, scale: 0.15, odds: 0.12 },
    noisy: { near: 5, most: 0.2, scale: 0.6, odds: 0.25 },
  },
};

/**
 * The share of people that is expected to be missed.
 *
 * @param scores the highest of each voice
 */
export function ofPeople(
  scores: Float32Array,
  threshold: number,
  { near, most, scale, odds }: People,
): Share {
  const of = scores.length;
  if (of === 0) return { count: 0, of, share: 0, interval: [0, 1] };
  const count = scores.filter((score) => score < threshold).length;
  const close = scores.filter((score) => logit(score) < logit(threshold) + near).length;
  // None or all of a few voices are not none or all of people.
  const [missed, spare] = [count, close].map((voices) => (voices + 0.5) / (of + 1));
  const ofNear = most * (1 - Math.exp(-spare / scale));
  const share = rounded(Math.max(ofNear, (odds * missed) / (1 - missed + odds * missed)), 4);
  return { count, of, share, interval: [0, Math.min(1, rounded(SPREAD * share, 4))] };
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
