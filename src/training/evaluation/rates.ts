import { SAMPLE_RATE } from '../../audio/index.js';
import type { Clip } from '../corpus/corpus.js';
import { countInterval, type Interval, rateInterval, ratioInterval } from './intervals.js';
import type { HeardInClip } from './listen-to-clip.js';

/** Events out of a number of trials, or of hours, with the 95 % interval of their rate. */
export interface Rate {
  readonly events: number;
  readonly of: number;
  readonly rate: number;
  readonly interval: Interval;
}

/** A ratio of sums over clips, with its 95 % interval by bootstrap over the clips. A single clip has no interval. */
export interface Ratio {
  readonly clips: number;
  readonly rate: number;
  readonly interval: Interval | null;
}

/** A clip, and what was heard in it. */
export interface Heard extends HeardInClip {
  readonly clip: Clip;
  /**
   * What a second look says of every candidate, also of those that a detection before them left unasked; null where there is
   * no second look.
   */
  readonly verdicts: HeardInClip['looks'] | null;
}

/** Share of clips with an event. */
export function rateOf(heard: readonly Heard[], isEvent: (heard: Heard) => boolean): Rate {
  const events = heard.filter(isEvent).length;
  const of = heard.length;
  return { events, of, rate: events / of, interval: rateInterval(events, of) };
}

/** Detections an hour, of one keyword or of all. */
export function perHour(heard: readonly Heard[], only?: string): Rate {
  const hours = secondsOf(heard) / 3600;
  const events = heard
    .flatMap(({ keywords }) => keywords)
    .filter((name) => only === undefined || name === only).length;
  return { events, of: hours, rate: events / hours, interval: countInterval(events, hours) };
}

export function ratioOf(parts: readonly { readonly part: number; readonly whole: number }[]): Ratio {
  const [part, whole] = [sum(parts.map((of) => of.part)), sum(parts.map((of) => of.whole))];
  return { clips: parts.length, rate: whole === 0 ? 0 : part / whole, interval: ratioInterval(parts) };
}

export function secondsOf(heard: readonly Heard[]): number {
  return sum(heard.map(({ clip }) => clip.samples.length)) / SAMPLE_RATE;
}

export function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
