import { draw } from '../../src/training/figures/vega.js';

/** Values in rows, each with the ends of what it may be. */
export interface Ranges {
  readonly title: string;
  readonly label: string;
  /** Values up to which the axis is linear; logarithmic beyond. */
  readonly linearTo: number;
  readonly ticks: readonly number[];
  readonly rows: readonly {
    readonly name: string;
    readonly value: number;
    readonly between: readonly [low: number, high: number];
    readonly text: string;
  }[];
}

const WIDTH = 580;
const ROW_HEIGHT = 26;
const OURS = '#0b6e99';
const THEIRS = '#5c5c5c';

/** Draws a dot and a bar for each row, the least first, our own in colour. */
export async function drawRanges({ title, label, linearTo, ticks, rows }: Ranges): Promise<string> {
  const values = rows
    .map(({ between: [low, high], ...row }) => ({ ...row, low, high, isOurs: row.name === 'wakegate' }))
    .sort((a, b) => a.value - b.value);
  const scale = { type: 'symlog', constant: linearTo, nice: false, domain: [0, ticks.at(-1)], padding: 12 };
  const x = {
    field: 'value',
    type: 'quantitative',
    title: label,
    scale,
    axis: { values: ticks, format: ',~r' },
  };
  const y = {
    field: 'name',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { grid: false, domain: false, ticks: false, labelPadding: 10, labelLimit: 260 },
  };
  const color = { condition: { test: 'datum.isOurs', value: OURS }, value: THEIRS };
  const { svg } = await draw({
    title,
    width: WIDTH,
    height: { step: ROW_HEIGHT },
    data: { values },
    encoding: { y, color },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 3, opacity: 0.35 },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' } },
      },
      { mark: { type: 'point', filled: true, opacity: 1, size: 80 }, encoding: { x } },
      {
        mark: { type: 'text', align: 'left', x: WIDTH + 10 },
        encoding: { text: { field: 'text', type: 'nominal' } },
      },
    ],
  });
  return svg;
}
