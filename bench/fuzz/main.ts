import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { readPack } from '../../src/model/index.js';
import { Coverage } from './coverage.js';
import { type FuzzTarget, problemWith } from './target.js';
import { audio } from './targets/audio.js';
import { configFile, environment } from './targets/config.js';
import { handoff } from './targets/handoff.js';
import { packFile } from './targets/pack.js';
import { stateFiles } from './targets/state.js';

/**
 * Reads altered inputs of all kinds for a while, guided by coverage: what reaches code that nothing before it did is
 * altered further. A find is an error that is not one of ours, more than 50 ms of CPU time at once, or more than 32 MB,
 * each in three tries. `--slack` allows that many times more CPU time, for machines that are slow or busy.
 *
 * npm run fuzz -- --seconds 60
 * npm run fuzz -- --seconds 600 --only back.json
 */
const FINDS = 'fuzz-finds';
/** Of the time. Decoders have far more code than the rest. */
const SHARE_OF_AUDIO = 0.4;

const seconds = Number(option('--seconds') ?? 60);
const slack = Number(option('--slack') ?? 1);
const only = option('--only');

const folder = mkdtempSync(join(tmpdir(), 'wakegate-fuzz-'));
const tiny = join(folder, 'tiny');
await makePack(tiny);
const pack = await readPack(tiny);
const targets = [
  audio,
  packFile('pack.json', tiny, join(folder, 'pack')),
  packFile('back.json', tiny, join(folder, 'back')),
  packFile('front.bin', tiny, join(folder, 'front')),
  handoff(pack),
  configFile(folder),
  environment,
  ...stateFiles(pack, join(folder, 'state')),
];
const chosen = targets.filter(({ name }) => only === undefined || name === only);
if (chosen.length === 0)
  throw new Error(`there is no ${only}: give ${targets.map(({ name }) => name).join(', ')}`);

// Decoders say there what is wrong with each input.
console.error = () => {};
const coverage = await Coverage.start();
let finds = 0;
for (const target of chosen) {
  const share =
    chosen.length === 1 ? 1 : target === audio ? SHARE_OF_AUDIO : (1 - SHARE_OF_AUDIO) / (chosen.length - 1);
  await fuzz(target, share * seconds);
}
rmSync(folder, { recursive: true });
process.exit(finds === 0 ? 0 : 1);

async function fuzz(target: FuzzTarget, seconds: number): Promise<void> {
  const corpus = [...target.seeds()];
  let tried = 0;
  const problems = new Set<string>();
  // Loads what it needs, and covers what good inputs reach.
  for (const input of corpus) {
    const problem = await problemWith(target, input, slack);
    if (problem) throw new Error(`${target.name} cannot be read as it is made here: ${problem}`);
  }
  await coverage.isNew(target.code);
  for (const endMs = performance.now() + 1000 * seconds; performance.now() < endMs; tried++) {
    const input = target.mutate(corpus);
    const problem = await problemWith(target, input, slack);
    if (!problem) {
      if (await coverage.isNew(target.code)) corpus.push(input);
      continue;
    }
    // Numbers differ from find to find.
    const kind = problem.replaceAll(/\d+/g, '0');
    if (!problems.has(kind)) keep(target.name, input, problem);
    problems.add(kind);
  }
  const kept = `${corpus.length} kept for new code`;
  console.log(`${target.name}: ${tried} in ${seconds.toFixed(1)} s, ${kept}, ${problems.size} finds`);
}

/** On a thread of its own: an account of all of TensorFlow.js would take most of the time. */
async function makePack(directory: string): Promise<void> {
  const tinyPack = new URL('../../test/support/tiny-pack.js', import.meta.url);
  const code = `import('${tinyPack}').then(({ makeTinyPack }) => makeTinyPack(${JSON.stringify(directory)}))`;
  await once(new Worker(code, { eval: true }), 'exit');
}

function keep(name: string, input: Buffer, problem: string): void {
  finds++;
  mkdirSync(FINDS, { recursive: true });
  const path = join(FINDS, `${name.replaceAll(/\W/g, '-')}-${Date.now()}-${finds}`);
  writeFileSync(path, input);
  console.log(`${path}: ${problem}`);
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}
