import type { Rate } from '../../src/training/evaluation/rates.js';
import type { WordAccuracy } from './accuracy.js';
import { CONDITIONS } from './audio.js';
import type { Comparison } from './compare.js';
import { COMMON_WORD, type Group } from './engines.js';
import type { Spread } from './spread.js';

/** One thing that engines are compared by: less is better in all of them. */
export interface Column {
  readonly table: TableName;
  readonly group: Group;
  readonly title: string;
  readonly of: (comparison: Comparison, engine: string) => Cell | null;
}

/** The tables of the page, in order. */
export const TABLES = {
  documented: 'What each hears, as it is documented',
  best: 'What each hears, at its best setting',
  CPU: 'CPU, from a file',
  microphone: 'At a microphone',
} as const;
export type TableName = keyof typeof TABLES;

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

export function hourlyCell({ events, of, rate, interval: [low, high] }: Rate): Cell {
  const short = (value: number) => value.toFixed(value >= 0.995 ? 1 : 2);
  return {
    value: rate,
    between: [low, high],
    text: `${short(rate)} (${short(low)}–${short(high)}; ${events} in ${of.toFixed(1)} h)`,
  };
}

/** Columns of the tables, in order. */
export const COLUMNS: readonly Column[] = [
  ...(['documented', 'best'] as const).flatMap((table): Column[] => {
    const point = (comparison: Comparison, engine: string) =>
      accuracyOf(comparison, engine, COMMON_WORD)?.[table === 'best' ? 'best' : 'asIs'];
    const added = table === 'best' ? ', at its best setting' : '';
    return [
      ...CONDITIONS.map(
        (condition): Column => ({
          table,
          group: 'hearing',
          title: `missed, ${condition}${added}`,
          of: (comparison, engine) => {
            const own = point(comparison, engine);
            return own ? percentCell(own.missed[condition]) : null;
          },
        }),
      ),
      {
        table,
        group: 'hearing',
        title: `false accepts an hour${added}`,
        of: (comparison, engine) => {
          const own = point(comparison, engine);
          return own && own.falseAccepts.all.of > 0 ? hourlyCell(own.falseAccepts.all) : null;
        },
      },
    ];
  }),
  {
    table: 'documented',
    group: 'hearing',
    title: 'false accepts an hour, unseen',
    of: (comparison, engine) => {
      const unseen = accuracyOf(comparison, engine, COMMON_WORD)?.asIs.falseAccepts.unseen;
      return unseen ? hourlyCell(unseen) : null;
    },
  },
  {
    table: 'documented',
    group: 'latency',
    title: 'latency, ms',
    of: (comparison, engine) => plainCell(accuracyOf(comparison, engine, COMMON_WORD)?.latencyMs?.median),
  },
  ...['quiet', 'noise', 'music', 'speech'].map(
    (kind): Column => ({
      table: 'CPU',
      group: 'CPU',
      title: `CPU ms/s, ${kind}`,
      of: ({ costs }, engine) => spreadCell(costs[engine]?.kinds[kind]),
    }),
  ),
  ...(['quiet', 'speech'] as const).map(
    (kind): Column => ({
      table: 'CPU',
      group: 'CPU',
      title: `million instructions/s, ${kind}`,
      of: ({ instructions }, engine) => millionsCell(instructions?.[engine]?.[kind]),
    }),
  ),
  {
    table: 'microphone',
    group: 'live',
    title: 'CPU ms/s, live in quiet',
    of: ({ lives }, engine) => spreadCell(lives[engine]?.cpuMs),
  },
  {
    table: 'microphone',
    group: 'live',
    title: 'wake-ups a second, live',
    of: ({ lives }, engine) => spreadCell(lives[engine]?.wakeUps),
  },
  {
    table: 'microphone',
    group: 'memory',
    title: 'resident MB, quiet',
    of: ({ lives }, engine) => plainCell(lives[engine]?.quietMb),
  },
  {
    table: 'microphone',
    group: 'memory',
    title: 'resident MB, after a word',
    of: ({ lives }, engine) => plainCell(lives[engine]?.heardMb),
  },
  {
    table: 'microphone',
    group: 'start',
    title: 'start, ms',
    of: ({ starts }, engine) => spreadCell(starts[engine], 0),
  },
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

function millionsCell(instructions: number | undefined): Cell | null {
  if (instructions === undefined) return null;
  const millions = instructions / 1e6;
  return { value: instructions, between: null, text: String(Number(millions.toPrecision(3))) };
}

function plainCell(value: number | null | undefined): Cell | null {
  return value === undefined || value === null ? null : { value, between: null, text: value.toFixed(0) };
}
