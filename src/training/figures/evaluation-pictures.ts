import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DetPoint } from '../evaluation/det.js';
import type { Evaluation } from '../evaluation/evaluation.js';
import { drawPicture, type Picture, type Point } from './picture.js';

/**
 * Draws the pictures of an evaluation into a folder.
 *
 * @returns their paths
 * @throws WakegateError WG_PROGRAM_MISSING where Vega is not installed
 */
export async function drawEvaluation(evaluation: Evaluation, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const pictures = Object.entries(evaluationPictures(evaluation));
  for (const [name, picture] of pictures) await writeFile(join(folder, name), await drawPicture(picture));
  return pictures.map(([name]) => join(folder, name));
}

/** The pictures, by file name. */
export function evaluationPictures(evaluation: Evaluation): Record<string, Picture> {
  const pictures: Record<string, Picture> = {};
  if (Object.keys(evaluation.det).length > 0) {
    pictures['det.svg'] = detPicture(`${evaluation.pack}: missed against false accepts`, evaluation.det);
    pictures['det-by-keyword.svg'] = detPicture(
      `${evaluation.pack}: missed against false accepts, each keyword alone`,
      evaluation.detByKeyword,
    );
  }
  const kinds = Object.keys(evaluation.gateCurve[0]?.stopped ?? {});
  if (kinds.length > 0) {
    pictures['gate.svg'] = {
      title: `${evaluation.pack}: what the gate stops`,
      x: { label: 'keyword clips stopped, %', scale: 'symlog', linearTo: 0.5 },
      y: { label: 'steps stopped, %' },
      series: kinds.map((kind) => ({
        name: kind,
        points: evaluation.gateCurve.map(
          ({ falseStops, stopped }): Point => [100 * falseStops, 100 * stopped[kind]],
        ),
      })),
    };
  }
  return pictures;
}

function detPicture(title: string, curves: Readonly<Record<string, readonly DetPoint[]>>): Picture {
  return {
    title,
    x: { label: 'false accepts an hour', scale: 'symlog', linearTo: 0.2 },
    y: { label: 'missed, %', scale: 'symlog', linearTo: 1 },
    series: Object.entries(curves).map(([name, points]) => ({
      name,
      points: bestOf(points).map(
        ({ falseAcceptsPerHour, falseRejects }): Point => [falseAcceptsPerHour, 100 * falseRejects],
      ),
    })),
  };
}

const MOST_PER_HOUR = 10;

/** For each number of false accepts the setting that misses least; none of the settings that nobody would choose. */
function bestOf(points: readonly DetPoint[]): DetPoint[] {
  const best = new Map<number, DetPoint>();
  for (const point of points) {
    const known = best.get(point.falseAcceptsPerHour);
    if (point.falseAcceptsPerHour > MOST_PER_HOUR || (known && known.falseRejects <= point.falseRejects))
      continue;
    best.set(point.falseAcceptsPerHour, point);
  }
  return [...best.values()].sort((a, b) => a.falseAcceptsPerHour - b.falseAcceptsPerHour);
}
