import { parseArgs } from 'node:util';
import { readPack, resolvePack } from '../../src/model/index.js';
import type { Line } from '../measure.js';
import { REPORT_OPTIONS, report } from '../report.js';
import { benchBodies } from './bodies.js';
import { benchChanges } from './changes.js';
import { benchIdle } from './idle.js';
import { benchPacks } from './packs.js';
import { benchStreams } from './streams.js';
import { benchSubscribers } from './subscribers.js';

const USAGE = `npm run bench:service -- [--json] [--check] [--only NAME]
  --json   one JSON document instead of the table
  --check  exit code 1 where a line does not meet its bar
  --only   subscribers, bodies, streams, changes, packs or idle`;

const { values } = parseArgs({
  options: {
    ...REPORT_OPTIONS,
    only: { type: 'string' },
  },
});

const pack = await readPack(await resolvePack('wake-words-en'));
const BENCHES: Readonly<Record<string, () => Promise<Line[]>>> = {
  subscribers: benchSubscribers,
  bodies: () => benchBodies(pack),
  streams: () => benchStreams(pack),
  changes: () => benchChanges(pack),
  packs: () => benchPacks(pack),
  idle: benchIdle,
};
const names = values.only === undefined ? Object.keys(BENCHES) : [values.only];
if (values.help || names.some((name) => !(name in BENCHES))) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
const lines: Line[] = [];
for (const name of names) lines.push(...(await BENCHES[name]()));
report(lines, values);
