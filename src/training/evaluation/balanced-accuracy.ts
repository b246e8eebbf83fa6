import { Random } from '../random.js';
import type { Interval } from './intervals.js';

/** How many of a class's clips were classified right. */
export interface Recall {
  readonly right: number;
  readonly of: number;
}

/** The mean of the recalls of all classes, however many clips each has. */
export interface BalancedAccuracy {
  readonly recalls: Readonly<Record<string, Recall>>;
  readonly rate: number;
  /** 95 %, by bootstrap over the clips of each class. */
  readonly interval: Interval;
}

const RESAMPLES = 1000;

/** @param recalls each of one clip at least */
export function balancedAccuracy(recalls: Readonly<Record<string, Recall>>): BalancedAccuracy {
  const classes = Object.values(recalls);
  const random = new Random(95);
  const drawn = Array.from({ length: RESAMPLES }, () =>
    meanOf(
      classes.map(({ right, of }) => {
        let count = 0;
        for (let i = 0; i < of; i++) if (random.next() * of < right) count++;
        return count / of;
      }),
    ),
  ).sort((a, b) => a - b);
  return {
    recalls,
    rate: meanOf(classes.map(({ right, of }) => right / of)),
    interval: [drawn[Math.floor(0.025 * RESAMPLES)], drawn[Math.floor(0.975 * RESAMPLES)]],
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
