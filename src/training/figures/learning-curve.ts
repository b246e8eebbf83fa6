import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WakegateError } from '../../errors.js';
import { drawPicture, type Picture, type Point } from './picture.js';

/** One line of a run's curve.jsonl: the step, and figures by name, some of them nested. */
type Measured = Readonly<Record<string, unknown>> & { readonly step: number };

/**
 * Draws the curve that a run of the trunk or the heads keeps, finished or not, as `curve.svg` next to it.
 *
 * @returns where the picture is
 * @throws WakegateError WG_INPUT_NOT_FOUND where the run has no curve yet, WG_PROGRAM_MISSING where Vega is not installed
 */
export async function drawLearningCurve(run: string): Promise<string> {
  const path = join(run, 'curve.jsonl');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new WakegateError(
      'WG_INPUT_NOT_FOUND',
      `there is no learning curve at ${path}: name the folder of a run that has reached its first checkpoint`,
      { cause },
    );
  }
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Measured);
  const picture = join(run, 'curve.svg');
  await writeFile(picture, await drawPicture(pictureOf(lines, run)));
  return picture;
}

function pictureOf(lines: readonly Measured[], run: string): Picture {
  const series = new Map<string, Point[]>();
  for (const { step, ...measures } of lines) {
    for (const [name, value] of sharesOf(measures)) {
      if (!series.has(name)) series.set(name, []);
      series.get(name)!.push([step, value]);
    }
  }
  return {
    title: run,
    x: { label: 'step' },
    y: { label: 'loss, and shares from 0 to 1' },
    series: [...series].map(([name, points]) => ({ name, points, draw: 'line' })),
  };
}

/** Numbers by name; of operating points the share of words that is missed at each number of false accepts. */
function* sharesOf(measures: object, within = ''): Generator<[string, number]> {
  for (const [name, value] of Object.entries(measures)) {
    if (typeof value === 'number' && !name.endsWith('Hours')) yield [`${within}${name}`, value];
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) yield* sharesOf(value, `${name} `);
    else {
      for (const { falseAccepts, falseRejects, clips } of value) {
        if (falseAccepts === 0 || falseAccepts === 1) {
          yield [`missed, ${name}, ${falseAccepts} false accepts`, falseRejects / clips];
        }
      }
    }
  }
}
