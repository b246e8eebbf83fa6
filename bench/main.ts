import { parseArgs } from 'node:util';
import { readPack, resolvePack } from '../src/model/index.js';
import { benchAlwaysOn } from './always-on.js';
import { benchFeatures } from './features.js';
import { benchGateSaving } from './gate-saving.js';
import type { Line } from './measure.js';
import { benchMemory } from './memory.js';
import { REPORT_OPTIONS, report } from './report.js';

const USAGE = `npm run bench -- [--json] [--check] [--model NAME] [--minutes N]
  --json     one JSON document instead of the table
  --check    exit code 1 where a line does not meet its bar
  --model    pack to run (default wake-words-en)
  --minutes  length of the mostly quiet audio (default 60)`;

const { values } = parseArgs({
  options: {
    ...REPORT_OPTIONS,
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
report(lines, values);
