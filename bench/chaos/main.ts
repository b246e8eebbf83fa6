import { parseArgs } from 'node:util';
import type { Line } from '../measure.js';
import { REPORT_OPTIONS, report } from '../report.js';
import { canLimit } from './chaos-daemon.js';
import { type Damage, FAULTS } from './faults.js';

const USAGE = `npm run bench:chaos -- [--json] [--check] [--only WORDS]
  Does harm to the real daemon, and sees whether words are lost, and whether each fault is told in the log, in /readyz, as an event
  and to systemd. Under the limits of its systemd unit: 1024 files, and as root, where there are cgroups
  of version 1, 256 MB of memory and 64 tasks. Takes up to 10 minutes.
  --json    one JSON document instead of the table
  --check   exit code 1 where a line does not meet its bar
  --only    the faults whose name has these words`;

const { values } = parseArgs({
  options: {
    ...REPORT_OPTIONS,
    only: { type: 'string', default: '' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const MOST_MS = 10 * 60_000;
/** Each daemon waits for words most of the time. */
const AT_ONCE = 3;
setTimeout(() => {
  console.error('it took longer than 10 minutes');
  process.exit(1);
}, MOST_MS).unref();

const lines: Line[] = [];
let peak = 0;
const due = Object.entries(FAULTS).filter(([name]) => name.includes(values.only));
const damages = new Map<string, Damage | string>();
const left = [...due];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [name, fault] = next;
      console.error(name);
      damages.set(name, await fault());
    }
  }),
);
for (const [name] of due) {
  const damage = damages.get(name)!;
  if (typeof damage === 'string') {
    lines.push({ name: `${name}: not done`, value: 0, unit: '', detail: damage });
    continue;
  }
  const { lost, untold, endMs, peakMegabytes } = damage;
  peak = Math.max(peak, peakMegabytes);
  lines.push(
    {
      name: `${name}: lost`,
      value: lost,
      unit: '',
      bar: { atMost: 0 },
      detail: 'words, captures, changes, restarts',
    },
    {
      name: `${name}: not told`,
      value: untold.length,
      unit: '',
      bar: { atMost: 0 },
      detail: untold.join(', ') || 'all was told',
    },
    { name: `${name}: end after SIGTERM`, value: endMs, unit: 'ms', bar: { atMost: 5000 }, detail: '' },
  );
}
const limits = canLimit()
  ? 'under MemoryMax=256M, TasksMax=64, nofile 1024'
  : 'no cgroups here: resident memory only';
lines.push({ name: 'most memory', value: peak, unit: 'MB', bar: { atMost: 256 }, detail: limits });
report(lines, values);
process.exit();
