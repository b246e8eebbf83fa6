import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Axis, drawPicture, type Point } from '../../../src/training/figures/picture.js';

const WIDTH = 580;
const HEIGHT = 330;

const picture = (points: readonly Point[], x: Axis = { label: 'across' }) =>
  drawPicture({
    title: 'R&D <1>',
    x,
    y: { label: 'up', range: [0, 10] },
    series: [{ name: 'one', points }],
  });

/** Where the dots are, in pixels from the top left of the axes. */
function dots(svg: string): { x: number; y: number }[] {
  return [...svg.matchAll(/aria-roledescription="point" transform="translate\(([\d.]+),([\d.]+)\)"/g)].map(
    ([, x, y]) => ({ x: Number(x), y: Number(y) }),
  );
}

/** The words of the picture, and how far down each stands. */
function words(svg: string): { text: string; y: number }[] {
  return [...svg.matchAll(/<text [^>]*transform="translate\([^,]+,([-\d.]+)\)[^>]*>([^<]*)</g)].map(
    ([, y, text]) => ({ text, y: Number(y) }),
  );
}

const near = (a: number, b: number, within = 0.5) =>
  assert.ok(Math.abs(a - b) < within, `${a} is not near ${b}`);

test('points lie in proportion, higher values higher up, and none on the edge', async () => {
  const points: Point[] = [
    [0, 0],
    [1, 5],
    [2, 10],
  ];
  const [a, b, c] = dots(await picture(points));
  near(b.x - a.x, c.x - b.x);
  near(a.y - b.y, b.y - c.y);
  assert.ok(a.x < c.x && a.y > c.y);
  assert.ok(a.x > 8 && c.x < WIDTH - 8 && c.y > 8 && a.y < HEIGHT - 8);
});

test('on a logarithmic axis each factor is the same way, and what is not positive is left out', async () => {
  const points = [0, 0.1, 1, 10].map((x): Point => [x, 1]);
  const [a, b, c, ...none] = dots(await picture(points, { label: 'x', scale: 'log' }));
  assert.deepEqual(none, []);
  near(b.x - a.x, c.x - b.x);
});

test('a symlog axis has zero, and ticks at 1, 2 and 5 times powers of ten', async () => {
  const points = [0, 1, 10, 100].map((x): Point => [x, 1]);
  const svg = await picture(points, { label: 'x', scale: 'symlog', linearTo: 1 });
  const [zero, , ten, hundred] = dots(svg);
  near((ten.x - zero.x) / (hundred.x - zero.x), Math.log(11) / Math.log(101), 0.002);
  const ticks = words(svg).map(({ text }) => text);
  for (const tick of ['0', '1', '2', '5', '10', '20', '50', '100']) assert.ok(ticks.includes(tick), tick);
});

test('each series is named where its line ends, and no name is over another', async () => {
  const ends: Record<string, number> = { high: 9, low: 1, 'as low': 1.05, lowest: 1 };
  const svg = await drawPicture({
    title: 'ends',
    x: { label: 'x' },
    y: { label: 'y', range: [0, 10] },
    series: Object.entries(ends).map(([name, y]) => ({
      name,
      points: [
        [0, 5],
        [1, y],
      ],
    })),
  });
  const named = words(svg).filter(({ text }) => text in ends);
  assert.equal(named.length, 4);
  const highest = Math.min(...dots(svg).map(({ y }) => y));
  // A text is placed by its baseline, some pixels under its middle.
  near(named.find(({ text }) => text === 'high')!.y, highest, 6);
  const heights = named.map(({ y }) => y).sort((a, b) => a - b);
  for (let i = 1; i < heights.length; i++) assert.ok(heights[i] - heights[i - 1] >= 14, `${heights}`);
  assert.ok(heights[3] <= HEIGHT + 6);
});

test('words are escaped, points are labelled, and a picture of nothing, or of one point, is a picture', async () => {
  const one = await picture([[3, 3, 'here']]);
  assert.match(one, /R&amp;D &lt;1&gt;/);
  assert.equal(dots(one).length, 1);
  assert.ok(words(one).some(({ text }) => text === 'here'));
  for (const scale of ['linear', 'log', 'symlog'] as const) {
    for (const points of [[], [[3, 3]]] as Point[][])
      assert.doesNotMatch(await picture(points, { label: 'x', scale }), /NaN|Infinity/);
  }
});
