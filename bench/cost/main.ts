import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dataDirectory } from '../../src/training/corpus/corpus.js';
import type { Line } from '../measure.js';
import { ROOT } from '../paths.js';
import { REPORT_OPTIONS, report } from '../report.js';
import { benchClassifier } from './classifier.js';
import { benchLive } from './live.js';
import { benchDaemonMemory } from './memory.js';
import { benchLatencies, benchScale } from './service.js';
import { benchStart } from './start.js';
import { benchStreams } from './streams.js';

const USAGE = `npm run bench:cost -- [--json] [--check] [--before DIR] [--model NAME] [--seconds N] [--turns N] [--only PART]
  What listening costs, in CPU, memory and time to start, how soon a word is reported, and how many streams a core carries; next to the
  build of a former commit.
  --json     one JSON document instead of the table
  --check    exit code 1 where a line does not meet its bar
  --before   the root of another checkout, built: measured in turns with this one
  --model    pack to run (default wake-words-en)
  --seconds  of each kind of audio, at most (default 600)
  --turns    processes for each figure, of which the median counts (default 5)
  --only     streams, classifier, start, memory, live, latency or scale`;

const { values } = parseArgs({
  options: {
    ...REPORT_OPTIONS,
    before: { type: 'string' },
    model: { type: 'string', default: 'wake-words-en' },
    seconds: { type: 'string', default: '600' },
    turns: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const roots = [ROOT, ...(values.before ? [resolve(values.before)] : [])];
const options = { seconds: Number(values.seconds), turns: Number(values.turns) };

const PARTS: Readonly<Record<string, () => Promise<Line[]>>> = {
  streams: () => benchStreams(roots, values.model, options),
  classifier: async () => benchClassifier(roots, values.model, options.turns),
  start: () => benchStart(roots, 2 * options.turns),
  memory: () => benchDaemonMemory(roots, values.model, Math.ceil(options.turns / 2)),
  live: () => benchLive(roots, values.model),
  latency: () => benchLatencies(roots, values.model),
  scale: () => benchScale(roots, values.model),
};
if (!existsSync(join(dataDirectory(), 'manifest.csv'))) {
  console.error(`bench:cost: there are no recordings in ${dataDirectory()}`);
  process.exit(1);
}
const lines: Line[] = [];
for (const [name, bench] of Object.entries(PARTS)) {
  if (values.only === undefined || values.only === name) lines.push(...(await bench()));
}
report(lines, values);
