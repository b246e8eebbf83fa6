import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPack, resolvePack } from '../../src/model/index.js';
import { dataDirectory } from '../../src/training/corpus/corpus.js';
import type { Line } from '../measure.js';
import { report } from '../report.js';
import { bars } from './bars.js';
import { compare } from './compare.js';
import { PEERS } from './engine-process.js';
import { ENGINES } from './engines.js';
import { allowedCores, describeMachine } from './machine.js';
import { PARTS } from './parts.js';
import { drawPeers } from './pictures.js';
import { asResults } from './results.js';
import { EMPTY_PAGE, withSection } from './section.js';
import { asMarkdown } from './table.js';

const USAGE = `npm run bench:peers -- [--json] [--check] [--quick] [--only NAMES] [--out DIR] [--model NAME]
  --json   one JSON document of the bars instead of a table
  --check  exit code 1 where a bar is not met
  --quick  a little of the audio and few runs, to see that all works; writes to dist/peers-quick
  --only   engines, by the beginnings of their names, with commas between (wakegate is always among them)
  --out    where the table, the picture and all figures are written (default docs/peers)
  --model  wakegate's pack (default wake-words-en)`;

const { values } = parseArgs({
  options: {
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
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const out = values.out ?? join(ROOT, quick ? 'dist/peers-quick' : 'docs/peers');
const engines = ENGINES.filter(
  ({ name }, i) => i === 0 || values.only.split(',').some((beginning) => name.startsWith(beginning)),
);

if (!existsSync(join(dataDirectory(), 'manifest.csv'))) {
  console.error(
    `peers: there are no recordings in ${dataDirectory()}: put them there, or say with WAKEGATE_DATA where they are`,
  );
  process.exit(1);
}
const cores = allowedCores();
const machine = describeMachine(cores);
execFileSync('bash', [join(PEERS, 'install.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });

const modelDir = await resolvePack(model);
const folder = await mkdtemp(join(tmpdir(), 'wakegate-peers-'));
const lines: Line[] = [];
try {
  const comparison = await compare({
    engines,
    model,
    pack: await readPack(modelDir),
    packages: PEERS,
    folder,
    machine,
    cores,
    quick,
    say: (progress) => console.error(`peers: ${progress}`),
  });
  lines.push(...bars(comparison));
  const sections: string[] = [];
  await mkdir(out, { recursive: true });
  const data: Record<string, unknown> = { ...asResults(comparison) };
  for (const [name, run] of Object.entries(PARTS)) {
    console.error(`peers: ${name}`);
    const part = await run({ quick, modelDir });
    lines.push(...part.lines);
    sections.push(part.markdown, ...Object.keys(part.pictures ?? {}).map((file) => `![${name}](${file})`));
    data[name] = part.data;
  }

  const pictures = Object.entries(await drawPeers({ ...comparison, ...data }));
  for (const [file, svg] of pictures) await writeFile(join(out, file), svg);
  await writeFile(join(out, 'results.json'), `${JSON.stringify(data, null, 1)}\n`);
  const page = join(out, 'README.md');
  const around = existsSync(page) ? await readFile(page, 'utf8') : EMPTY_PAGE;
  const section = [asMarkdown(comparison, engines, 'peers.svg'), ...sections].join('\n\n');
  await writeFile(page, withSection(around, section));
} finally {
  await rm(folder, { recursive: true, force: true });
}
report(lines, values);
