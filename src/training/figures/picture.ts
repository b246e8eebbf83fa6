import { type LineEnd, type LineLabel, spreadLabels } from './line-labels.js';
import { draw, type Spec } from './vega.js';

/** Lines and points, each series named at the end of its line. */
export interface Picture {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Axis {
  readonly label: string;
  /**
   * `log` leaves out what is not positive. `symlog` is linear up to about `linearTo` and logarithmic beyond, so that it has zero.
   * Linear by default.
   */
  readonly scale?: 'linear' | 'log' | 'symlog';
  readonly linearTo?: number;
  readonly range?: readonly [number, number];
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** By default both. */
  readonly draw?: 'line' | 'points';
}

/** x, y, and what is written next to it. */
export type Point = readonly [x: number, y: number, label?: string];

const WIDTH = 580;
const HEIGHT = 330;
/** Lines keep this far from the edges. */
const EDGE = 12;
const LABEL_GAP = 14;
const MOST_TICKS = 9;
/** Dark enough for letters on white. */
const COLOURS = [
  '#0b6e99',
  '#c4501b',
  '#3f7d20',
  '#7b3fa0',
  '#8a6d00',
  '#b0306a',
  '#4a4a4a',
  '#1b8a80',
  '#a35c00',
  '#5a5fc0',
];

interface Row {
  readonly x: number;
  readonly y: number;
  readonly series: string;
  readonly label: string;
  readonly drawn: 'line' | 'points' | 'both';
  /** Its place in its series. */
  readonly at: number;
}

/**
 * Draws a picture as SVG. Colours follow the order of the series.
 *
 * @throws WakegateError WG_PROGRAM_MISSING where Vega is not installed
 */
export async function drawPicture(picture: Picture): Promise<string> {
  const rows = picture.series.flatMap((series) =>
    series.points
      .filter(([x, y]) => isDrawable(x, picture.x) && isDrawable(y, picture.y))
      .map(
        ([x, y, label = ''], at): Row => ({
          x,
          y,
          label,
          at,
          series: series.name,
          drawn: series.draw ?? 'both',
        }),
      ),
  );
  // Where lines end is for the scales of a first drawing to say.
  const { place } = await draw(specOf(picture, rows, []));
  const ends = picture.series.flatMap(({ name }): LineEnd[] => {
    const own = rows.filter(({ series }) => series === name);
    if (own.length === 0) return [];
    const last = own.reduce((a, b) => (b.x >= a.x ? b : a));
    return [{ series: name, x: place('x', last.x), y: place('y', last.y) }];
  });
  const { svg } = await draw(specOf(picture, rows, spreadLabels(ends, HEIGHT)));
  return svg;
}

function specOf({ title, x, y, series }: Picture, rows: readonly Row[], labels: readonly LineLabel[]): Spec {
  const color = {
    field: 'series',
    type: 'nominal',
    legend: null,
    scale: { domain: series.map(({ name }) => name), range: COLOURS },
  };
  const encoding = {
    x: channel(
      'x',
      x,
      rows.map((row) => row.x),
    ),
    y: channel(
      'y',
      y,
      rows.map((row) => row.y),
    ),
    color,
  };
  const pixels = (field: string) => ({ field, type: 'quantitative', scale: null });
  return {
    title,
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values: rows.filter(({ drawn }) => drawn !== 'points') },
        mark: { type: 'line', strokeWidth: 2.25 },
        encoding: { ...encoding, order: { field: 'at', type: 'quantitative' } },
      },
      {
        data: { values: rows.filter(({ drawn }) => drawn !== 'line') },
        mark: { type: 'point', filled: true, opacity: 1, size: 50 },
        encoding,
      },
      {
        data: { values: rows.filter(({ label }) => label !== '') },
        mark: { type: 'text', align: 'center', dy: -13 },
        encoding: { ...encoding, text: { field: 'label', type: 'nominal' } },
      },
      {
        data: { values: labels.map((label) => ({ ...label, labelX: WIDTH + LABEL_GAP - 3 })) },
        mark: { type: 'rule', opacity: 0.45 },
        encoding: {
          x: pixels('x'),
          y: pixels('y'),
          x2: { field: 'labelX' },
          y2: { field: 'labelY' },
          color,
        },
      },
      {
        data: { values: labels },
        mark: { type: 'text', align: 'left', baseline: 'middle', x: WIDTH + LABEL_GAP, fontWeight: 'bold' },
        encoding: { y: pixels('labelY'), text: { field: 'series', type: 'nominal' }, color },
      },
    ],
  };
}

function channel(field: 'x' | 'y', axis: Axis, values: readonly number[]) {
  const { label, scale = 'linear', linearTo = 1, range } = axis;
  const [low, high] = range ?? (values.length === 0 ? [0.1, 1] : [Math.min(...values), Math.max(...values)]);
  return {
    field,
    type: 'quantitative',
    title: label,
    scale: {
      type: scale,
      nice: false,
      zero: false,
      padding: EDGE,
      ...(scale === 'symlog' ? { constant: linearTo } : {}),
      domain: low === high ? around(low) : [low, high],
    },
    axis: { format: ',~r', ...(scale === 'linear' ? { tickCount: 6 } : { values: ticks(axis, low, high) }) },
  };
}

/** A range with a value in it, the same way on either side of it where it is positive. */
function around(value: number): [number, number] {
  return value === 0 ? [-1, 1] : ([value / 2, value * 2].toSorted((a, b) => a - b) as [number, number]);
}

/** 1, 2 and 5 times powers of ten, or the powers alone where that would be many; and zero. */
function ticks({ scale, linearTo = 1 }: Axis, low: number, high: number): number[] {
  const least = scale === 'symlog' ? Math.max(low, linearTo) : low;
  const decades = (times: readonly number[]) => {
    const found: number[] = scale === 'symlog' && low <= 0 ? [0] : [];
    for (let power = Math.floor(Math.log10(least)); power <= Math.log10(high); power++) {
      for (const time of times) {
        const value = Number((time * 10 ** power).toPrecision(1));
        if (value >= least && value <= high) found.push(value);
      }
    }
    return found;
  };
  const all = decades([1, 2, 5]);
  return all.length <= MOST_TICKS ? all : decades([1]);
}

function isDrawable(value: number, { scale }: Axis): boolean {
  return Number.isFinite(value) && (scale !== 'log' || value > 0);
}
