import { type Chart, drawChart, type Point } from '../../src/training/figures/chart.js';
import { accuracyOf } from './columns.js';
import type { Comparison } from './compare.js';
import { COMMON_WORD, type EngineDescription } from './engines.js';

const WIDTH = 920;
const HEIGHT = 440;

/** Misses against false accepts, above CPU against the level of noise: one SVG picture. */
export function drawComparison(comparison: Comparison, engines: readonly EngineDescription[]): string {
  const shown = engines.filter(({ name }) => name in comparison.costs);
  const panels = [detChart(comparison, shown), costChart(comparison, shown)].map((chart, i) =>
    drawChart(chart).replace('<svg ', `<svg y="${i * HEIGHT}" width="${WIDTH}" height="${HEIGHT}" `),
  );
  const size = `viewBox="0 0 ${WIDTH} ${panels.length * HEIGHT}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${panels.join('')}</svg>\n`;
}

function detChart(comparison: Comparison, engines: readonly EngineDescription[]): Chart {
  return {
    title: `"${COMMON_WORD}" at 10 dB of noise: missed against false accepts`,
    x: { label: 'false accepts an hour', range: [0, 10] },
    y: { label: 'missed, %', range: [0, 100] },
    // A series each, so that an engine has the same colour in both panels.
    series: engines.map(({ name }) => ({
      name,
      points: (accuracyOf(comparison, name, COMMON_WORD)?.sweep ?? [])
        .filter(({ falseAccepts }) => falseAccepts.all.rate <= 10)
        .map(({ falseAccepts, missed }): Point => [falseAccepts.all.rate, 100 * missed['10 dB'].rate]),
      draw: 'line',
    })),
  };
}

function costChart({ costs }: Comparison, engines: readonly EngineDescription[]): Chart {
  return {
    title: 'CPU per second of audio: everyday noise over a quiet room, by its level',
    x: { label: 'level of the noise, dBFS' },
    y: { label: 'CPU, ms per second', log: true },
    series: engines.map(({ name }) => ({
      name,
      points: costs[name].levels.map(({ dbfs, cpuMs }): Point => [dbfs, cpuMs.median]),
    })),
  };
}
