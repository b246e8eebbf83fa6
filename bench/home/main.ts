import { parseArgs } from 'node:util';
import type { Line } from '../measure.js';
import { inItsOwnProcess } from '../part-process.js';
import { REPORT_OPTIONS, report } from '../report.js';
import { benchAnnounced } from './announced.js';
import { benchAssist } from './assist.js';
import { benchDiscovery } from './discovery.js';
import { benchEntities } from './entities.js';
import { House } from './house.js';
import { benchLatency } from './latency.js';
import { benchMqtt } from './mqtt.js';
import { takePicture } from './picture.js';
import { writeTranscript } from './transcript.js';
import { benchWyoming } from './wyoming.js';

const USAGE = `npm run bench:home -- [--json] [--check] [--only NAME] [--picture] [--transcript]
  --json        one JSON document instead of the table
  --check       exit code 1 where a line does not meet its bar
  --only        assist, entities, ALONE
  --picture     also takes the picture of the guide, docs/images/home-assistant.png
  --transcript  writes down a conversation over Wyoming for the tests, and does nothing else`;

const { values } = parseArgs({
  options: {
    ...REPORT_OPTIONS,
    transcript: { type: 'boolean', default: false },
    picture: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

/** With a Home Assistant, which they share. */
const AT_HOME: Readonly<Record<string, (house: House) => Promise<Line[]>>> = {
  assist: benchAssist,
  entities: benchEntities,
};
const ALONE: Readonly<Record<string, () => Promise<Line[]>>> = {
  announced: benchAnnounced,
  discovery: benchDiscovery,
  latency: benchLatency,
  mqtt: benchMqtt,
  wyoming: benchWyoming,
};

const known = [...Object.keys(AT_HOME), ...Object.keys(ALONE)];
const names = values.only === undefined ? known : [values.only];
if (values.help || names.some((name) => !known.includes(name))) {
  console.log(USAGE.replace('ALONE', Object.keys(ALONE).join(', ')));
  process.exit(values.help ? 0 : 2);
}

if (values.transcript) {
  await writeTranscript();
  process.exit();
}

const lines: Line[] = [];
if (values.picture || names.some((name) => name in AT_HOME)) {
  const house = await House.open();
  try {
    for (const name of names) if (name in AT_HOME) lines.push(...(await AT_HOME[name](house)));
    if (names.some((name) => name in AT_HOME)) lines.push(complaintsLine(house.assistant.complaints()));
    if (values.picture) await takePicture(house);
  } finally {
    await house.close();
  }
}
for (const name of names)
  if (name in ALONE) lines.push(...(names.length > 1 ? inItsOwnProcess(name) : await ALONE[name]()));
report(lines, values);

function complaintsLine(complaints: readonly string[]): Line {
  return {
    name: "complaints in Home Assistant's log",
    value: complaints.length,
    unit: '',
    bar: { atMost: 0 },
    detail: complaints.length === 0 ? 'warnings and errors' : complaints.join('; '),
  };
}
