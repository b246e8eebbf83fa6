import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPack, resolvePack } from '../../src/model/index.js';
import { dataDirectory, readCorpus } from '../../src/training/corpus/corpus.js';
import type { Line } from '../measure.js';
import { ROOT } from '../paths.js';
import { report } from '../report.js';
import { mostHeard } from './accuracy.js';
import { measureAccuracy } from './accuracy-run.js';
import { comparedWords } from './audio.js';
import { bars } from './bars.js';
import {
  type ComparePlan,
  type Comparison,
  commonWordOptions,
  installed,
  measureCosts,
  optionsOf,
} from './compare.js';
import { PEERS } from './engine-process.js';
import { ENGINES, type EngineDescription, WORDS } from './engines.js';
import { countInstructions, type Instructions, valgrindVersion } from './instructions.js';
import { allowedCores, describeMachine } from './machine.js';
import { type NegativeStream, negativeStreams } from './negatives.js';
import { writePages } from './pages.js';
import { PARTS } from './parts.js';
import type { Recordings } from './protocol.js';

const OWN = Object.keys(PARTS);
const ALL = ['accuracy', 'cost', 'instructions', ...OWN];
const USAGE = `npm run bench:peers -- [--parts NAMES] [--manifest CSV]... [--unseen CSV]... [--heard] [--json] [--check] [--quick]
  --parts     what is measured, with commas between: ${ALL.join(', ')} (default: all); the rest is taken from results.json
  --manifest  more recordings without a word, besides ../shared/data; may be given several times
  --unseen    recordings on which nothing of wakegate was chosen, which are counted apart; may be given several times
  --heard     judges accuracy by what engines have heard so far, and has them hear nothing more
  --jobs      engines that hear at a time (default: the cores)
  --cache     keeps decoded sound and what was heard, so that a run that was interrupted continues (default .cache/peers)
  --json      one JSON document of the bars instead of a table
  --check     exit code 1 where a bar is not met
  --quick     a little of the audio and few runs, to see that all works; writes to dist/peers-quick
  --only      engines, by the beginnings of their names, with commas between (wakegate is always among them)
  --out       where the table, the pictures and all figures are written (default docs/peers)
  --model     wakegate's pack (default wake-words-en)`;

const { values } = parseArgs({
  options: {
    parts: { type: 'string', default: ALL.join(',') },
    manifest: { type: 'string', multiple: true, default: [] },
    unseen: { type: 'string', multiple: true, default: [] },
    heard: { type: 'boolean', default: false },
    jobs: { type: 'string' },
    cache: { type: 'string' },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    out: { type: 'string' },
    model: { type: 'string', default: 'wake-words-en' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const { quick, model } = values;
const parts = values.parts.split(',');
const unknown = parts.find((part) => !ALL.includes(part));
if (unknown !== undefined) {
  console.error(`peers: there is no part "${unknown}": choose of ${ALL.join(', ')}`);
  process.exit(1);
}
if (!existsSync(join(dataDirectory(), 'manifest.csv'))) {
  console.error(
    `peers: there are no recordings in ${dataDirectory()}: put them there, or say with WAKEGATE_DATA where they are`,
  );
  process.exit(1);
}
const out = values.out ?? join(ROOT, quick ? 'dist/peers-quick' : 'docs/peers');
const cache = values.cache ?? join(ROOT, quick ? 'dist/peers-quick/cache' : '.cache/peers');
const say = (progress: string) => console.error(`peers: ${progress}`);
const cores = allowedCores();
const machine = describeMachine(cores);
execFileSync('bash', [join(PEERS, 'install.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });

const modelDir = await resolvePack(model);
const pack = await readPack(modelDir);
const keywords = pack.keywords.map(({ name }) => name);
const folder = await mkdtemp(join(tmpdir(), 'wakegate-peers-'));
const resultsFile = join(out, 'results.json');
const results: Record<string, unknown> = {
  ...{ accuracy: [], costs: {}, lives: {}, starts: {}, missing: {} },
  ...(existsSync(resultsFile) && JSON.parse(await readFile(resultsFile, 'utf8'))),
};
const machines = { ...(results.machines as Comparison['machines'] | undefined) };
const lines: Line[] = [];
const markdown: Record<string, string> = {};
try {
  await mkdir(out, { recursive: true });
  await mkdir(cache, { recursive: true });
  const wanted = ENGINES.filter(
    ({ name }, i) => i === 0 || values.only.split(',').some((beginning) => name.startsWith(beginning)),
  );
  if (['accuracy', 'cost', 'instructions'].some((part) => parts.includes(part))) {
    const words = await comparedWords(cache, { words: WORDS, packWords: keywords, quick });
    const all = { engines: wanted, model, packages: PEERS, folder, cores, quick, say };
    const { engines, missing } = await installed(all, words.templates);
    results.missing = missing;
    if (parts.includes('accuracy')) {
      const accuracy = await measureAccuracy({
        engines,
        audio: { ...words, negatives: await withoutWords() },
        folder: cache,
        modelDir,
        cores,
        jobs: Number(values.jobs ?? cores.length),
        hears: !values.heard,
        optionsOf: (engine, setting) => optionsOf(all, engine, setting, words.templates),
        say,
      });
      results.accuracy = mostHeard(results.accuracy as Comparison['accuracy'], accuracy);
      machines.accuracy = machine;
    }
    if (parts.includes('cost')) {
      const measured = await measureCosts({ ...all, engines }, words.templates);
      for (const [name, own] of Object.entries(measured))
        results[name] = { ...(results[name] as object), ...own };
      machines.cost = machine;
    }
    if (parts.includes('instructions')) {
      const valgrind = valgrindVersion();
      if (valgrind === null) say('Valgrind is not installed: instructions are not counted');
      else {
        results.instructions = {
          ...(results.instructions as object),
          ...(await instructionsOf(all, engines, words)),
        };
        machines.instructions = `${valgrind}; ${machine}`;
      }
    }
  }
  for (const name of OWN.filter((part) => parts.includes(part))) {
    say(name);
    const part = await PARTS[name]({ quick, modelDir });
    lines.push(...part.lines);
    markdown[name] = [
      part.markdown,
      ...Object.keys(part.pictures ?? {}).map((file) => `![${name}](${file})`),
    ].join('\n\n');
    results[name] = part.data;
  }
  results.machines = machines;
  lines.unshift(...bars(results as unknown as Comparison));
  await writeFile(resultsFile, `${JSON.stringify(results, null, 1)}\n`);
  await writePages(results as unknown as Comparison, markdown, {
    out,
    readme: values.out === undefined && !quick ? join(ROOT, 'README.md') : null,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
report(lines, values);

async function instructionsOf(
  plan: ComparePlan,
  engines: readonly EngineDescription[],
  { templates }: { templates: Recordings },
): Promise<Record<string, Instructions>> {
  const clips = await readCorpus('dev', join(ROOT, '.cache'));
  const speech = clips.filter(({ kind }) => kind === 'speech').map(({ samples }) => samples);
  const counts: Record<string, Instructions> = {};
  for (const engine of engines) {
    say(`${engine.name}: the instructions that it executes`);
    counts[engine.name] = await countInstructions(engine, commonWordOptions(plan, engine, templates), {
      folder,
      speech,
    });
    say(`${engine.name}: ${JSON.stringify(counts[engine.name])}`);
  }
  return counts;
}

/** Streams without a word that is compared: of ../shared/data and of the manifests that were given. */
async function withoutWords(): Promise<NegativeStream[]> {
  const chosen = await negativeStreams([join(dataDirectory(), 'manifest.csv'), ...values.manifest], keywords);
  const unseen = await negativeStreams(values.unseen, keywords, { unseen: true });
  if (!quick) return [...unseen, ...chosen];
  const little = (stream: NegativeStream) => ({ ...stream, recordings: stream.recordings.slice(0, 4) });
  return [...chosen.slice(0, 3), ...unseen.slice(0, 1)].map(little);
}
