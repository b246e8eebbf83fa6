import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { openBackend } from '../../src/classifier/index.js';
import { readCorpus } from '../../src/training/corpus/corpus.js';
import type { Moments } from '../../src/training/network/moments.js';
import { readWeightMap } from '../../src/training/network/weights.js';
import { COEFFICIENTS, devWindows, trainWindows, type Windows } from './features.js';
import { plannedRuns } from './plan.js';
import { writeReport } from './report.js';
import { type Heard, type RunResult, type RunSettings, trainRun } from './run.js';
import { measureVads } from './vad.js';

/** `npm run study`: the experiments of docs/reference/gated-compression.md. Runs that are done are kept, and not done again. */

interface Options {
  readonly cache: string;
  readonly work: string;
  readonly trunk: string;
  readonly out: string;
  readonly steps: number;
  readonly report?: boolean;
}

const options = new Command('study')
  .description('Measures what a GC layer does to a network. See docs/reference/gated-compression.md.')
  .option('--cache <dir>', 'decoded recordings, made where there are none', '.cache')
  .option('--work <dir>', 'features and finished runs', '.cache/study')
  .option('--trunk <dir>', 'checkpoint of the distilled trunk', '.cache/trunk-1')
  .option('--out <dir>', 'where tables and pictures are written', 'docs/study')
  .option('--steps <n>', 'training steps of a run', Number, 700)
  .option('--report', 'only write tables and pictures of the runs that are done')
  .parse()
  .opts<Options>();

await openBackend('node');
const { work } = options;
await mkdir(join(work, 'runs'), { recursive: true });
const corpora = new Map<string, ReturnType<typeof readCorpus>>();
const corpus = (split: 'train' | 'dev') => async () => {
  if (!corpora.has(split)) corpora.set(split, readCorpus(split, options.cache));
  return corpora.get(split)!;
};
const clean = await devWindows(false, corpus('dev'), work);
const noisy = await devWindows(true, corpus('dev'), work);
const vads = await measureVads(corpus('dev'), work);

const done: RunResult[] = [];
const runs = plannedRuns();
const moments = momentsOf(await trainWindows('all', corpus('train'), work));
for (const [i, run] of runs.entries()) {
  const known = await finished(run);
  if (known || options.report) {
    if (known) done.push(known);
    continue;
  }
  const train = await trainWindows(run.recipe, corpus('train'), work);
  // The recordings are larger than all that was made of them.
  corpora.clear();
  const trunk = run.distilled ? await distilledTrunk() : null;
  const heard: Heard = {
    train,
    clean,
    noisy,
    moments: trunk?.moments ?? moments,
    distilled: trunk?.weights ?? null,
  };
  console.error(`study: run ${i + 1} of ${runs.length}: ${run.name}`);
  const result = await trainRun(run, heard, options.steps);
  await writeFile(`${pathOf(run)}.part`, JSON.stringify(result));
  await rename(`${pathOf(run)}.part`, pathOf(run));
  done.push(result);
}
await writeReport(options.out, done, { clean: clean.labels, noisy: noisy.labels }, vads);

function pathOf({ name }: RunSettings): string {
  return join(work, 'runs', `${name.replaceAll(/[^a-z0-9.]+/g, '-')}-${options.steps}.json`);
}

function finished(run: RunSettings): Promise<RunResult | null> {
  return readFile(pathOf(run), 'utf8').then(
    (text) => JSON.parse(text) as RunResult,
    () => null,
  );
}

async function distilledTrunk() {
  const { mfcc } = JSON.parse(await readFile(join(options.trunk, 'standardization.json'), 'utf8'));
  return { moments: mfcc as Moments, weights: await readWeightMap(join(options.trunk, 'averaged.bin')) };
}

function momentsOf({ frames }: Windows): Moments {
  const count = frames.length / COEFFICIENTS;
  const mean = new Float32Array(COEFFICIENTS);
  const square = new Float64Array(COEFFICIENTS);
  const sum = new Float64Array(COEFFICIENTS);
  frames.forEach((value, i) => {
    sum[i % COEFFICIENTS] += value;
    square[i % COEFFICIENTS] += value * value;
  });
  const deviation = mean.map((_, c) => {
    mean[c] = sum[c] / count;
    return Math.sqrt(square[c] / count - mean[c] ** 2);
  });
  return { mean, deviation };
}
