import { parseArgs } from 'node:util';
import type { Line } from '../measure.js';
import { REPORT_OPTIONS, report } from '../report.js';
import { benchDeaths } from './deaths.js';
import { benchLatency } from './latency.js';
import { benchPaint } from './paint.js';
import { benchQuiet } from './quiet.js';
import { benchSoak } from './soak.js';
import { benchViewer } from './viewer.js';

const USAGE = `npm run bench:daemon -- [--json] [--check] [--soak] [--only PART] [--model NAME]
  --json    one JSON document instead of the table
  --check   exit code 1 where a line does not meet its bar
  --soak    hours of audio through the pipe as fast as it goes, in place of the rest
  --hours   of the soak (default 24)
  --only    one of deaths, quiet, viewer, paint, latency
  --model   pack to run (default wake-words-en)`;

const { values } = parseArgs({
  options: {
    ...REPORT_OPTIONS,
    soak: { type: 'boolean', default: false },
    hours: { type: 'string', default: '24' },
    only: { type: 'string' },
    model: { type: 'string', default: 'wake-words-en' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const PARTS: Readonly<Record<string, (model: string) => Promise<Line[]>>> = {
  quiet: benchQuiet,
  viewer: benchViewer,
  paint: benchPaint,
  latency: (model) => benchLatency(model),
  deaths: benchDeaths,
};

const lines: Line[] = [];
if (values.soak) {
  lines.push(...(await benchSoak(values.model, Number(values.hours))));
} else {
  for (const [name, bench] of Object.entries(PARTS)) {
    if (values.only === undefined || values.only === name) lines.push(...(await bench(values.model)));
  }
}
report(lines, values);
