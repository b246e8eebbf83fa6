import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DetPoint } from '../evaluation/det.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import { type Chart, drawChart, type Point } from './chart.js';

/** Draws the pictures of an evaluation into a folder. @returns their paths */
export async function drawEvaluation(evaluation: Evaluation, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const charts = Object.entries(evaluationCharts(evaluation));
  for (const [name, chart] of charts) await writeFile(join(folder, name), drawChart(chart));
  return charts.map(([name]) => join(folder, name));
}

/** The pictures, by file name. */
export function evaluationCharts(evaluation: Evaluation): Record<string, Chart> {
  const charts: Record<string, Chart> = {};
  if (Object.keys(evaluation.det).length > 0) {
    charts['det.svg'] = detChart(`${evaluation.pack}: missed against false accepts`, evaluation.det);
    charts['det-by-keyword.svg'] = detChart(
      `${evaluation.pack}: missed against false accepts, each keyword alone`,
      evaluation.detByKeyword,
    );
  }
  const kinds = Object.keys(evaluation.gateCurve[0]?.stopped ?? {});
  if (kinds.length > 0) {
    charts['gate.svg'] = {
      title: `${evaluation.pack}: what the gate stops`,
      x: { label: 'keyword clips stopped, %' },
      y: { label: 'steps stopped, %', range: [0, 100] },
      series: kinds.map((kind) => ({
        name: kind,
        points: evaluation.gateCurve.map(
          ({ falseStops, stopped }): Point => [100 * falseStops, 100 * stopped[kind]],
        ),
      })),
    };
  }
  return charts;
}

function detChart(title: string, curves: Readonly<Record<string, readonly DetPoint[]>>): Chart {
  return {
    title,
    x: { label: 'false accepts an hour' },
    y: { label: 'missed, %', log: true },
    series: Object.entries(curves).map(([name, points]) => ({
      name,
      draw: 'line',
      // To the left of none at all there is nothing to be seen, and to the right of ten an hour nothing to be had.
      points: points
        .filter(({ falseAcceptsPerHour }) => falseAcceptsPerHour <= 10)
        .map(({ falseAcceptsPerHour, falseRejects }): Point => [falseAcceptsPerHour, 100 * falseRejects]),
    })),
  };
}
