import type { Rate } from '../../src/training/evaluation/rates.js';
import { drawPicture, type Picture, type Point } from '../../src/training/figures/picture.js';
import { stacked } from '../../src/training/figures/vega.js';
import { type ActivityPoint, costByActivity } from './activity.js';
import { accuracyOf } from './columns.js';
import type { Comparison } from './compare.js';
import { COMMON_WORD } from './engines.js';
import { drawRanges, type Ranges } from './ranges.js';

/** What results.json holds that there are pictures of. */
export interface PictureResults {
  readonly accuracy: readonly Pick<Comparison['accuracy'][number], 'engine' | 'word' | 'asIs'>[];
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
  const pictures: Record<string, string> = { 'peers.svg': stacked(panels) };
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
    linearTo: 1,
    ticks: [0, 0.5, 1, 2, 5, 10, 20],
    rows: rowsOf(
      results,
      ({ asIs }) => asIs.falseAccepts.all,
      1,
      ({ events, of, rate }) => `${rate.toFixed(1)} (${events} in ${of.toFixed(1)} h)`,
    ),
  };
}

function rowsOf(
  { accuracy, costs }: PictureResults,
  rateOf: (of: PictureResults['accuracy'][number]) => Rate,
  factor: number,
  textOf: (rate: Rate) => string,
): Ranges['rows'] {
  return Object.keys(costs).flatMap((name) => {
    const own = accuracyOf({ accuracy }, name, COMMON_WORD);
    if (!own) return [];
    const rate = rateOf(own);
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
