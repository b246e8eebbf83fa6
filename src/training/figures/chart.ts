/** A chart of lines and points as an SVG picture. */
export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Axis {
  readonly label: string;
  /** Powers of ten are the same distance apart; what is not positive is left out. */
  readonly log?: boolean;
  readonly range?: readonly [number, number];
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** By default both. */
  readonly draw?: 'line' | 'points';
}

/** x, y, and what is written beside it. */
export type Point = readonly [x: number, y: number, label?: string];

const WIDTH = 920;
const HEIGHT = 440;
const BOX = { left: 76, right: 700, top: 44, bottom: 372 };
const COLOURS = [
  '#0b6e99',
  '#c4501b',
  '#3f7d20',
  '#7b3fa0',
  '#8a6d00',
  '#b0306a',
  '#4a4a4a',
  '#2aa198',
  '#d98e04',
  '#6c71c4',
];

/** Draws a chart. Colours and order are those of the series. */
export function drawChart({ title, x, y, series }: Chart): string {
  const shown = series.map(({ points, ...rest }) => ({
    ...rest,
    points: points.filter(([px, py]) => drawable(px, x) && drawable(py, y)),
  }));
  const all = shown.flatMap(({ points }) => points);
  const across = new Scale(
    x,
    all.map(([value]) => value),
    BOX.left,
    BOX.right,
  );
  const up = new Scale(
    y,
    all.map(([, value]) => value),
    BOX.bottom,
    BOX.top,
  );
  const at = ([px, py]: Point) => `${across.place(px).toFixed(1)},${up.place(py).toFixed(1)}`;
  const lines = shown.flatMap(({ name, points, draw }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const parts: string[] = [];
    if (draw !== 'points' && points.length > 1) {
      parts.push(
        `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(at).join(' ')}"/>`,
      );
    }
    if (draw !== 'line') {
      for (const point of points) {
        const [cx, cy] = at(point).split(',');
        parts.push(`<circle cx="${cx}" cy="${cy}" r="4" fill="${colour}"/>`);
        if (point[2]) parts.push(text(Number(cx) + 7, Number(cy) - 6, point[2], 'start', colour));
      }
    }
    parts.push(
      `<rect x="${BOX.right + 16}" y="${BOX.top + 6 + 18 * i}" width="12" height="12" fill="${colour}"/>`,
    );
    parts.push(text(BOX.right + 34, BOX.top + 16 + 18 * i, name, 'start'));
    return parts;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text((BOX.left + BOX.right) / 2, 24, title, 'middle', '#000', 'font-size="15"'),
    ...across.ticks.map(
      (value) =>
        `<line x1="${across.place(value)}" x2="${across.place(value)}" y1="${BOX.top}" y2="${BOX.bottom}" stroke="#ddd"/>` +
        text(across.place(value), BOX.bottom + 18, short(value), 'middle'),
    ),
    ...up.ticks.map(
      (value) =>
        `<line x1="${BOX.left}" x2="${BOX.right}" y1="${up.place(value)}" y2="${up.place(value)}" stroke="#ddd"/>` +
        text(BOX.left - 8, up.place(value) + 4, short(value), 'end'),
    ),
    `<rect x="${BOX.left}" y="${BOX.top}" width="${BOX.right - BOX.left}" height="${BOX.bottom - BOX.top}" fill="none" stroke="#888"/>`,
    text((BOX.left + BOX.right) / 2, HEIGHT - 22, x.label, 'middle'),
    `<g transform="rotate(-90 18 ${(BOX.top + BOX.bottom) / 2})">${text(18, (BOX.top + BOX.bottom) / 2, y.label, 'middle')}</g>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function drawable(value: number, { log }: Axis): boolean {
  return Number.isFinite(value) && (!log || value > 0);
}

/** From values to places on the picture. */
class Scale {
  readonly ticks: readonly number[];
  readonly #log: boolean;
  readonly #low: number;
  readonly #high: number;
  readonly #from: number;
  readonly #to: number;

  constructor({ log = false, range }: Axis, values: readonly number[], from: number, to: number) {
    this.#log = log;
    this.#from = from;
    this.#to = to;
    let [low, high] = range ?? [Math.min(...values), Math.max(...values)];
    if (!Number.isFinite(low)) [low, high] = log ? [0.1, 1] : [0, 1];
    if (log) {
      this.ticks = decades(low, high);
    } else {
      const step = niceStep((high - low || Math.abs(high) || 1) / 6);
      if (!range) [low, high] = [Math.floor(low / step) * step, Math.ceil(high / step) * step || low + step];
      const count = Math.round((high - low) / step);
      this.ticks = Array.from({ length: count + 1 }, (_, i) => low + i * step);
    }
    if (low === high) [low, high] = log ? [low / 2, high * 2] : [low - 1, high + 1];
    this.#low = this.#measure(low);
    this.#high = this.#measure(high);
  }

  place(value: number): number {
    const share = (this.#measure(value) - this.#low) / (this.#high - this.#low);
    return Number((this.#from + share * (this.#to - this.#from)).toFixed(1));
  }

  #measure(value: number): number {
    return this.#log ? Math.log10(value) : value;
  }
}

/** 1, 2 and 5 times powers of ten. */
function decades(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const times of [1, 2, 5]) {
      const value = times * 10 ** power;
      if (value >= low * 0.999 && value <= high * 1.001) ticks.push(value);
    }
  }
  return ticks;
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough)!;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function text(x: number, y: number, words: string, anchor: string, colour = '#222', more = ''): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}" ${more}>${escaped}</text>`;
}
