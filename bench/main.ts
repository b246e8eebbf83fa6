import { parseArgs } from 'node:util';
import { readPack, resolvePack } from '../src/model/index.js';
import { benchAlwaysOn } from './always-on.js';
import { benchFeatures } from './features.js';
import { benchGateSaving } from './gate-saving.js';
import { type Line, met } from './measure.js';
import { benchMemory } from './memory.js';

const USAGE = `npm run bench -- [--json] [--check] [--model NAME] [--minutes N]
  --json     one JSON document instead of the table
  --check    exit code 1 where a line does not meet its bar
  --model    pack to run (default wake-words-en)
  --minutes  length of the mostly quiet audio (default 60)`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    model: { type: 'string', default: 'wake-words-en' },
    minutes: { type: 'string', default: '60' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const pack = await readPack(await resolvePack(values.model));
const lines: Line[] = [
  ...benchFeatures(pack),
  ...(await benchAlwaysOn(pack)),
  ...(await benchGateSaving(pack, Number(values.minutes))),
  ...(await benchMemory(values.model)),
];
console.log(
  values.json
    ? JSON.stringify(
        lines.map((line) => ({ ...line, met: met(line) })),
        null,
        2,
      )
    : table(lines),
);
if (values.check && !lines.every(met)) process.exitCode = 1;

function table(rows: readonly Line[]): string {
  const bar = ({ bar }: Line) =>
    bar === undefined ? '' : 'atMost' in bar ? `<= ${bar.atMost}` : `>= ${bar.atLeast}`;
  const cells = rows.map(
    (row) =>
      `| ${row.name} | ${number(row.value)} ${row.unit} | ${bar(row)} | ${met(row) ? 'yes' : 'NO'} | ${row.detail} |`,
  );
  return ['| what | measured | bar | met | how |', '| --- | --- | --- | --- | --- |', ...cells].join('\n');
}

function number(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
