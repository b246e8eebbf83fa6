import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { augmentations, dialSection, placeOfGate } from './choices.js';
import { againstVads, gateCurves, withAndWithout } from './comparisons.js';
import { type Labels, summary } from './measures.js';
import { drawStudy, type StudyResults } from './pictures.js';
import { Results } from './results.js';
import type { RunResult } from './run.js';
import { asMarkdown } from './section.js';
import { ELSE, SILENCE } from './task.js';
import type { VadScores } from './vad.js';

/** Writes results.json, tables.md and the pictures of whatever runs are done. */
export async function writeReport(
  folder: string,
  runs: readonly RunResult[],
  labels: Labels,
  vads: Readonly<Record<string, VadScores>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const found = new Results(runs, labels);
  const sections = [
    dialSection(found, 'beta'),
    dialSection(found, 'alpha'),
    withAndWithout(found),
    againstVads(found, vads),
    placeOfGate(found),
    augmentations(found),
  ];
  await writeFile(join(folder, 'tables.md'), sections.map(asMarkdown).join('\n'));
  const results: StudyResults = {
    windows: countsOf(labels),
    runs: runs.map((run) => summary(run, labels)),
    gates: gateCurves(found, vads),
  };
  const pictures = Object.entries(await drawStudy(results));
  for (const [file, svg] of pictures) await writeFile(join(folder, file), svg);
  await writeFile(join(folder, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
}

function countsOf({ clean }: Labels) {
  const count = (isOne: (label: number) => boolean) => clean.filter((label) => isOne(label)).length;
  return {
    words: count((label) => label < ELSE),
    speech: count((label) => label === ELSE),
    silence: count((label) => label === SILENCE),
  };
}
