import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { Line } from '../measure.js';
import { REPORT_OPTIONS, report } from '../report.js';
import { benchChaos } from './chaos.js';
import { benchEqual } from './equal.js';
import { benchFootprint } from './footprint.js';
import { benchRooms } from './rooms.js';
import { benchScaling } from './scaling.js';
import { benchThousand } from './thousand.js';
import { benchTraffic } from './traffic.js';

const USAGE = `npm run bench:fleet -- [--json] [--check] [--only NAME]
  --json   one JSON document instead of the table
  --check  exit code 1 where a line does not meet its bar
  --only   PARTS`;

const PARTS: Readonly<Record<string, () => Promise<Line[]>>> = {
  traffic: benchTraffic,
  equal: benchEqual,
  thousand: benchThousand,
  rooms: benchRooms,
  footprint: benchFootprint,
  scaling: benchScaling,
  chaos: benchChaos,
};

const { values } = parseArgs({ options: { ...REPORT_OPTIONS, only: { type: 'string' } } });
const names = values.only === undefined ? Object.keys(PARTS) : values.only.split(',');
if (values.help || names.some((name) => !(name in PARTS))) {
  console.log(USAGE.replace('PARTS', Object.keys(PARTS).join(', ')));
  process.exit(values.help ? 0 : 2);
}
const lines: Line[] = [];
for (const name of names) lines.push(...(names.length > 1 ? inItsOwnProcess(name) : await PARTS[name]()));
report(lines, values);

/** What one part leaves behind, the next would measure as its own. */
function inItsOwnProcess(name: string): Line[] {
  const { stdout, error } = spawnSync(process.execPath, [process.argv[1], '--json', '--only', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error) throw error;
  if (stdout === '') throw new Error(`the part ${name} of the bench failed`);
  // There is no NaN in JSON.
  return (JSON.parse(stdout) as Line[]).map((line) => ({ ...line, value: line.value ?? Number.NaN }));
}
