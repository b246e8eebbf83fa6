import type { Rate } from '../../src/training/evaluation/rates.js';
import { drawPicture, type Picture, type Point } from '../../src/training/figures/picture.js';
import { stacked } from '../../src/training/figures/vega.js';
import { type ActivityPoint, costByActivity } from './activity.js';
import { CONDITIONS } from './audio.js';
import { accuracyOf } from './columns.js';
import type { Comparison } from './compare.js';
import { COMMON_WORD } from './engines.js';
import { drawRanges, type Ranges } from './ranges.js';

/** What results.json holds that there are pictures of. */
export interface PictureResults {
  readonly accuracy: readonly Pick<Comparison['accuracy'][number], 'engine' | 'word' | 'asIs' | 'sweep'>[];
  readonly costs: Readonly<Record<string, Pick<Comparison['costs'][string], 'levels'>>>;
  readonly activity?: { readonly points: readonly ActivityPoint[] };
}

/** The pictures of the comparison, by file name. */
export async function drawPeers(results: PictureResults): Promise<Record<string, string>> {
  const panels = [
    await drawRanges(missed(results)),
    await drawRanges(falseAccepts(results)),
    await drawPicture(costByLevel(results)),
  ];
  const pictures: Record<string, string> = {
    'peers.svg': stacked(panels),
    'curve.svg': await drawPicture(missesAgainstFalseAccepts(results)),
  };
  if (results.activity) pictures['activity.svg'] = await drawPicture(costByActivity(results.activity.points));
  return pictures;
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

function missed(results: PictureResults): Ranges {
  return {
    title: `"${COMMON_WORD}" missed at 10 dB of noise, each engine as it comes (95 % interval)`,
    label: 'missed, %',
    linearTo: 3,
    ticks: [0, 1, 2, 5, 10, 20, 50, 100],
    rows: rowsOf(
      results,
      ({ asIs }) => asIs.missed['10 dB'],
      100,
      ({ events, of, rate }) => `${percent(rate)} (${events} of ${of})`,
    ),
  };
}

function falseAccepts(results: PictureResults): Ranges {
  return {
    title: `False accepts of "${COMMON_WORD}", at the same settings (95 % interval)`,
    label: 'an hour',
    linearTo: 0.2,
    ticks: [0, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20],
    rows: rowsOf(
      results,
      ({ asIs }) => asIs.falseAccepts.all,
      1,
      ({ events, of, rate }) => `${rate.toFixed(rate < 0.995 ? 2 : 1)} (${events} in ${of.toFixed(1)} h)`,
    ),
  };
}

function rowsOf(
  { accuracy }: PictureResults,
  rateOf: (of: PictureResults['accuracy'][number]) => Rate,
  factor: number,
  textOf: (rate: Rate) => string,
): Ranges['rows'] {
  return accuracy.flatMap((own) => {
    const rate = rateOf(own);
    if (own.word !== COMMON_WORD || rate.of === 0) return [];
    const name = own.engine;
    const [low, high] = rate.interval;
    return [
      {
        name,
        value: factor * rate.rate,
        between: [factor * low, factor * high] as const,
        text: textOf(rate),
      },
    ];
  });
}

function costByLevel({ costs }: PictureResults): Picture {
  return {
    title: 'CPU of everyday noise over a quiet room, by its level',
    x: { label: 'level of the noise, dBFS' },
    y: { label: 'CPU, ms per second of audio', scale: 'log' },
    series: Object.entries(costs).map(([name, { levels }]) => ({
      name,
      points: levels.map(({ dbfs, cpuMs }): Point => [dbfs, cpuMs.median]),
    })),
  };
}

/** Setups that are wakegate's classifier behind something else, and what is far off, would hide the rest. */
const ON_THE_CURVE = ['wakegate', 'openWakeWord', 'microWakeWord', 'Porcupine 1.9', 'Snowboy', 'wakeforge'];
/** Beyond, nobody would use an engine. */
const MOST_AN_HOUR_DRAWN = 20;
const MOST_MISSED_DRAWN = 40;

/** Of all conditions together: so few clips of one condition make steps of three percent. */
function missesAgainstFalseAccepts(results: PictureResults): Picture {
  const share = (missed: readonly number[], of: number) =>
    (100 * missed.reduce((a, b) => a + b, 0)) / (of * missed.length);
  return {
    title: `"${COMMON_WORD}": misses against false accepts, as the threshold moves`,
    x: { label: 'false accepts an hour', scale: 'symlog', linearTo: 0.1, range: [0, MOST_AN_HOUR_DRAWN] },
    y: { label: 'missed of clean, 10 dB and 0 dB together, %', range: [0, MOST_MISSED_DRAWN] },
    series: ON_THE_CURVE.flatMap((name) => {
      const own = accuracyOf(results, name, COMMON_WORD);
      if (!own || own.asIs.falseAccepts.all.of === 0) return [];
      const { missed, falseAccepts } = own.asIs;
      const counts = CONDITIONS.map((condition) => missed[condition].events);
      const documented: Point = [falseAccepts.all.rate, share(counts, missed.clean.of), 'default'];
      const others = own.sweep.map(
        ({ missed, of, falseAccepts, hours }): Point => [falseAccepts / hours, share(missed, of)],
      );
      const points = [...lowest(others.filter((point) => !isSame(point, documented))), documented];
      return [{ name, points: points.filter(isDrawn).sort(([a], [b]) => a - b) }];
    }),
  };
}

/** Of points with as many false accepts the one that misses least, and none that another is better than in both. */
function lowest(points: readonly Point[]): Point[] {
  let least = Number.POSITIVE_INFINITY;
  return points
    .toSorted(([a, b], [c, d]) => a - c || b - d)
    .filter(([, missed]) => {
      const isLess = missed < least;
      if (isLess) least = missed;
      return isLess;
    });
}

function isSame([a, b]: Point, [c, d]: Point): boolean {
  return a === c && b === d;
}

function isDrawn([hourly, missed]: Point): boolean {
  return hourly <= MOST_AN_HOUR_DRAWN && missed <= MOST_MISSED_DRAWN;
}
