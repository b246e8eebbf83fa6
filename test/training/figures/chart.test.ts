import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawChart } from '../../../src/training/figures/chart.js';

const chart = (points: [number, number, string?][], log = false) =>
  drawChart({
    title: 'R&D <1>',
    x: { label: 'x', log },
    y: { label: 'y', range: [0, 10] },
    series: [{ name: 'one', points }],
  });

function circles(svg: string): { x: number; y: number }[] {
  return [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));
}

test('points lie in proportion, higher values higher up', () => {
  const [a, b, c] = circles(
    chart([
      [0, 0],
      [1, 5],
      [2, 10],
    ]),
  );
  assert.ok(Math.abs(b.x - a.x - (c.x - b.x)) < 0.2);
  assert.ok(Math.abs(a.y - b.y - (b.y - c.y)) < 0.2);
  assert.ok(a.y > c.y && a.x < c.x);
});

test('on a logarithmic axis each factor is the same way, and zero is left out', () => {
  const [a, b, c, ...none] = circles(
    chart(
      [
        [0, 1],
        [0.1, 1],
        [1, 1],
        [10, 1],
      ],
      true,
    ),
  );
  assert.equal(none.length, 0);
  assert.ok(Math.abs(b.x - a.x - (c.x - b.x)) < 0.2);
});

test('words are escaped, and a chart of nothing, or of one point, is a chart', () => {
  assert.match(chart([]), /R&amp;D &lt;1&gt;/);
  assert.equal(circles(chart([[3, 3, 'here']])).length, 1);
  for (const points of [[], [[3, 3]]] as [number, number][][])
    assert.doesNotMatch(chart(points), /NaN|Infinity/);
});
