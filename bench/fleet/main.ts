import { parseArgs } from 'node:util';
import type { Line } from '../measure.js';
import { inItsOwnProcess } from '../part-process.js';
import { REPORT_OPTIONS, report } from '../report.js';
import { benchChaos } from './chaos.js';
import { benchEqual } from './equal.js';
import { benchFootprint } from './footprint.js';
import { benchRooms } from './rooms.js';
import { benchScaling } from './scaling.js';
import { benchThousand } from './thousand.js';
import { benchTraffic } from './traffic.js';

const USAGE = `npm run bench:fleet -- [--json] [--check] [--only NAME] [--broker mqtt|nats]
  --json   one JSON document instead of the table
  --check  exit code 1 where a line does not meet its bar
  --broker a real mosquitto (default), or a real NATS server for the parts thousand, scaling and chaos
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

const { values } = parseArgs({
  options: { ...REPORT_OPTIONS, only: { type: 'string' }, broker: { type: 'string', default: 'mqtt' } },
});
const names = values.only === undefined ? Object.keys(PARTS) : values.only.split(',');
if (values.help || !['mqtt', 'nats'].includes(values.broker) || names.some((name) => !(name in PARTS))) {
  console.log(USAGE.replace('PARTS', Object.keys(PARTS).join(', ')));
  process.exit(values.help ? 0 : 2);
}
// Parts in processes of their own have it from there.
process.env.FLEET_BROKER = values.broker;
const lines: Line[] = [];
for (const name of names) lines.push(...(names.length > 1 ? inItsOwnProcess(name) : await PARTS[name]()));
report(lines, values);
