import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPack, resolvePack } from '../../src/model/index.js';
import { ChaosDaemon, canLimit } from '../chaos/chaos-daemon.js';
import type { Line } from '../measure.js';
import { REPORT_OPTIONS, report } from '../report.js';
import { ATTACKS, type Attack, ODD_PACKS } from './attacks.js';

const USAGE = `npm run bench:attack -- [--json] [--check] [--only WORDS]
  Sends everything that does harm elsewhere to the real daemon, under the limits of its systemd unit, while somebody says
  a word every five seconds, and measures what it costs the thread that listens, and memory. Takes about five minutes.
  --json    one JSON document instead of the table
  --check   exit code 1 where a line does not meet its bar
  --only    the attacks whose name has these words`;

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

/** Of the promise. */
const MOST_MS = 50;
const MOST_MEGABYTES = 32;
const LOOP_WATCH = fileURLToPath(new URL('./loop-watch.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'wakegate-attack-'));
const model = await makePacks(join(folder, 'packs'));
const watch = join(folder, 'loop');
const daemon = await ChaosDaemon.start({
  // The classifier stays awake, or what it takes to wake would be taken for an attack's.
  args: ['--model', model, '--idle-seconds', '3600'],
  env: { LOOP_WATCH: watch },
  nodeFlags: ['--import', LOOP_WATCH],
});
await daemon.missed(1);

/** What the kernel cannot drop, as it can the pages of files: of this the unit's limit has to hold. */
let mostAnonymous = 0;
const sampling = setInterval(() => {
  mostAnonymous = Math.max(mostAnonymous, megabytes('RssAnon'));
}, 20);
const lines: Line[] = [];
const startMs = performance.now();
for (const attack of ATTACKS) {
  if (!attack.name.includes(values.only)) continue;
  console.error(attack.name);
  // What is loaded for the first of its kind stays, and is nobody's to hold.
  await attack.run(daemon.url).catch(() => {});
  const one = await costOf(attack, 1);
  const many = await costOf(attack, attack.atATime);
  lines.push(
    {
      name: `${attack.name}: at once on the thread`,
      value: Math.max(one.ms, many.ms),
      unit: 'ms',
      bar: { atMost: MOST_MS },
      detail: `CPU time; ${attack.atATime} at a time`,
    },
    {
      name: `${attack.name}: memory`,
      value: one.megabytes,
      unit: 'MB',
      bar: { atMost: MOST_MEGABYTES },
      detail: `of one; ${many.megabytes.toFixed(1)} MB of ${attack.atATime}`,
    },
  );
}
if (values.only === '') {
  console.error('all of it at once');
  const run = (url: string) => Promise.all(ATTACKS.map((attack) => attack.run(url).catch(() => {})));
  const { ms, megabytes } = await costOf({ name: 'all', atATime: 4, run }, 4);
  lines.push({
    name: 'all of it at once: at once on the thread',
    value: ms,
    unit: 'ms',
    bar: { atMost: MOST_MS },
    detail: `CPU time; 4 of each; ${megabytes.toFixed(1)} MB`,
  });
}
const seconds = (performance.now() - startMs) / 1000;
const { input } = await daemon.status();
const lost = await daemon.missed(2);
const isReady = await daemon.isReady();
clearInterval(sampling);
const endMs = await daemon.stop();
rmSync(folder, { recursive: true });
const { gaps, restarts } = input;
lines.push(
  {
    name: 'gaps in what the microphone gave',
    value: gaps,
    unit: '',
    bar: { atMost: 0 },
    detail: `in ${seconds.toFixed(0)} s`,
  },
  { name: 'restarts of the recorder', value: restarts, unit: '', bar: { atMost: 0 }, detail: '' },
  { name: 'words lost afterwards', value: lost, unit: '', bar: { atMost: 0 }, detail: 'of 2' },
  { name: 'ready afterwards', value: Number(isReady), unit: '', bar: { atLeast: 1 }, detail: '' },
  {
    name: 'most memory',
    value: mostAnonymous,
    unit: 'MB',
    bar: { atMost: 256 },
    detail: `without pages of files, ${canLimit() ? 'under MemoryMax=256M' : 'no cgroups here'}`,
  },
  { name: 'end after SIGTERM', value: endMs, unit: 'ms', bar: { atMost: 5000 }, detail: '' },
);
report(lines, values);
process.exit();

async function costOf(
  { run }: Attack,
  times: number,
): Promise<{ readonly ms: number; readonly megabytes: number }> {
  // Words wake it, and those who ask for another pack may have put it to sleep: its memory is nobody's.
  while ((await daemon.status()).classifier.state !== 'awake') await sleep(100);
  // Its second look is loaded after its first answer.
  for (let last = 0, now = megabytes('VmRSS'); now > last + 1; now = megabytes('VmRSS')) {
    last = now;
    await sleep(1000);
  }
  const before = megabytes('VmRSS');
  writeFileSync(`/proc/${daemon.child.pid}/clear_refs`, '5'); // the peak begins again
  rmSync(watch, { force: true });
  while (!isThere(watch)) await sleep(20);
  await Promise.all(Array.from({ length: times }, () => run(daemon.url).catch(() => {})));
  await sleep(500);
  return { ms: Number(readFileSync(watch, 'utf8')), megabytes: Math.max(0, megabytes('VmHWM') - before) };
}

function isThere(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

function megabytes(of: 'VmHWM' | 'VmRSS' | 'RssAnon'): number {
  const status = readFileSync(`/proc/${daemon.child.pid}/status`, 'utf8');
  return Number(new RegExp(`${of}:\\s+(\\d+)`).exec(status)![1]) / 1024;
}

/** The bundled pack as `good`, with odd ones next to it. @returns its folder */
async function makePacks(packs: string): Promise<string> {
  const { directory } = await readPack(await resolvePack('wake-words-en'));
  for (const id of ['good', ...Object.keys(ODD_PACKS)]) {
    const to = join(packs, id);
    cpSync(directory, to, { recursive: true });
    if (!(id in ODD_PACKS)) continue;
    const manifest = JSON.parse(readFileSync(join(to, 'pack.json'), 'utf8'));
    ODD_PACKS[id](manifest);
    writeFileSync(join(to, 'pack.json'), JSON.stringify(manifest));
  }
  return join(packs, 'good');
}
