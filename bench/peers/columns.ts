import type { Rate } from '../../src/training/evaluation/rates.js';
import type { WordAccuracy } from './accuracy.js';
import { CONDITIONS } from './audio.js';
import type { Comparison } from './compare.js';
import { COMMON_WORD, type Group } from './engines.js';
import type { Spread } from './spread.js';

/** One thing that engines are compared by: less is better in all of them. */
export interface Column {
  readonly group: Group;
  readonly title: string;
  readonly of: (comparison: Comparison, engine: string) => Cell | null;
}

export interface Cell {
  readonly value: number;
  /** Ends of what it may be, by its interval or its runs. */
  readonly between: readonly [low: number, high: number] | null;
  readonly text: string;
}

export function accuracyOf<T extends Pick<WordAccuracy, 'engine' | 'word'>>(
  { accuracy }: { readonly accuracy: readonly T[] },
  engine: string,
  word: string,
): T | undefined {
  return accuracy.find((one) => one.engine === engine && one.word === word);
}

export function percentCell({ rate, interval: [low, high] }: Rate): Cell {
  const short = (share: number) => (100 * share).toFixed(share >= 0.0995 ? 0 : 1);
  return {
    value: rate,
    between: [low, high],
    text: `${short(rate)} % (${short(low)}–${short(high)})`,
  };
}

export function hourlyCell({ rate, interval: [low, high] }: Rate): Cell {
  return {
    value: rate,
    between: [low, high],
    text: `${rate.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`,
  };
}

/** Columns of the table, in order. */
export const COLUMNS: readonly Column[] = [
  ...(['asIs', 'best'] as const).flatMap((which): Column[] => [
    ...CONDITIONS.map(
      (condition): Column => ({
        group: 'hearing',
        title: `missed, ${condition}${which === 'best' ? ', at its best setting' : ''}`,
        of: (comparison, engine) => {
          const accuracy = accuracyOf(comparison, engine, COMMON_WORD);
          return accuracy ? percentCell(accuracy[which].missed[condition]) : null;
        },
      }),
    ),
    {
      group: 'hearing',
      title: `false accepts an hour${which === 'best' ? ', at its best setting' : ''}`,
      of: (comparison, engine) => {
        const accuracy = accuracyOf(comparison, engine, COMMON_WORD);
        return accuracy ? hourlyCell(accuracy[which].falseAccepts.all) : null;
      },
    },
  ]),
  ...['quiet', 'noise', 'music', 'speech'].map(
    (kind): Column => ({
      group: 'CPU',
      title: `CPU ms/s, ${kind}`,
      of: ({ costs }, engine) => spreadCell(costs[engine]?.kinds[kind]),
    }),
  ),
  {
    group: 'live',
    title: 'CPU ms/s, live in quiet',
    of: ({ lives }, engine) => spreadCell(lives[engine]?.cpuMs),
  },
  {
    group: 'live',
    title: 'wake-ups a second, live',
    of: ({ lives }, engine) => spreadCell(lives[engine]?.wakeUps),
  },
  {
    group: 'memory',
    title: 'resident MB, quiet',
    of: ({ lives }, engine) => plainCell(lives[engine]?.quietMb),
  },
  {
    group: 'memory',
    title: 'resident MB, after a word',
    of: ({ lives }, engine) => plainCell(lives[engine]?.heardMb),
  },
  {
    group: 'latency',
    title: 'latency, ms',
    of: (comparison, engine) => plainCell(accuracyOf(comparison, engine, COMMON_WORD)?.latencyMs?.median),
  },
  { group: 'start', title: 'start, ms', of: ({ starts }, engine) => spreadCell(starts[engine], 0) },
];

function spreadCell(spread: Spread | undefined, digits?: number): Cell | null {
  if (spread === undefined) return null;
  const { median, least, most } = spread;
  const short = (value: number) => value.toFixed(digits ?? (value >= 100 ? 0 : value >= 10 ? 1 : 2));
  return {
    value: median,
    between: [least, most],
    text: `${short(median)} (${short(least)}–${short(most)})`,
  };
}

function plainCell(value: number | null | undefined): Cell | null {
  return value === undefined || value === null ? null : { value, between: null, text: value.toFixed(0) };
}
