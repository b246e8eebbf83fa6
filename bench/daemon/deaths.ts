import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SupervisedMicrophone } from '../../src/audio/microphone/supervised-microphone.js';
import { Classifier } from '../../src/classifier/index.js';
import { EnergyMeter } from '../../src/energy/index.js';
import { readPack, resolvePack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import type { Line } from '../measure.js';
import { bundledWords, inQuiet } from './words.js';

/** Ways for a recorder to end after it has played, as lines of sh, and what is to be said of each. */
const DEATHS: readonly (readonly [script: string, says: RegExp])[] = [
  ['exit 0', /ended with code 0/],
  ['exit 1', /ended with code 1/],
  ['kill -9 $$', /was ended by SIGKILL/],
  ['exec /bin/sleep 600', /has stopped giving samples/],
  ["printf '\\377\\0\\033[2J%%s' >&2; exit 3", /ended with code 3/],
  ["echo 'arecord: audio open error: Device or resource busy' >&2; exit 1", /the device is busy/],
  // What comes after it finds no program: it is back some attempts later.
  ['/bin/mv "$0" "$0.gone"; exit 0', /ended with code 0/],
];

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 400;
/** In addition to the wait: a busy machine takes its time to start a program. */
const START_MS = 10_000;

export interface DeathsReport {
  readonly deaths: number;
  /** Deaths that were not reported, or as something else. */
  readonly untold: number;
  /** Recoveries that took longer than the back-off and a start. */
  readonly late: number;
  /** Lives whose keyword was not detected. */
  readonly missed: number;
  /** Descriptors, child processes and timers that are there after the last and were not before the first. */
  readonly leaked: number;
}

/** One recorder dies after the other, each time after it has played a keyword. */
export async function surviveDeaths(model: string, deaths: number): Promise<DeathsReport> {
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-deaths-'));
  const { PATH } = process.env;
  const [word] = await bundledWords();
  const audio = inQuiet(word, 2.5, 1.5);
  writeFileSync(join(folder, 'audio.raw'), new Uint8Array(audio.buffer));
  const program = join(folder, 'arecord');
  writeFileSync(join(folder, 'count'), '0\n');
  writeFileSync(program, mortal(folder), { mode: 0o755 });
  process.env.PATH = folder; // or a real arecord would be found while this one is gone

  const pack = await readPack(await resolvePack(model));
  const classifier = new Classifier({ pack, idleMs: 600_000 });
  const listener = new Listener({
    pack,
    classifier,
    meter: new EnergyMeter({ hopSteps: pack.handoff.hopSteps }),
  });
  const microphone = new SupervisedMicrophone({
    recorder: 'arecord',
    firstRetryMs: FIRST_RETRY_MS,
    longestRetryMs: LONGEST_RETRY_MS,
    startTimeoutMs: 20_000,
    dataTimeoutMs: 1000,
  });
  const lives: { start: number; heard: boolean }[] = [];
  let untold = 0;
  let late = 0;
  let lostMs = 0;
  let promisedMs = 0;
  let before: string[] = [];
  const begin = () => lives.push({ start: Number.NaN, heard: false });
  microphone.on('listening', begin);
  microphone.on('restored', () => {
    if (performance.now() - lostMs > promisedMs + START_MS) late++;
    begin();
  });
  microphone.on('lost', ({ message, code }, retryMs) => {
    lostMs = performance.now();
    promisedMs = retryMs;
    if (code === 'WG_RECORDER_MISSING') {
      renameSync(`${program}.gone`, program);
      return;
    }
    const [, says] = DEATHS[(lives.length - 1) % DEATHS.length];
    if (!says.test(message)) untold++;
    if (lives.length > deaths) void microphone.close();
  });
  listener.on('detection', ({ keyword, sample }) => {
    const life = lives.findLast(({ start }) => start <= sample);
    if (life && keyword === word.keyword) life.heard = true;
  });
  try {
    for await (const { samples, startSample } of microphone) {
      const life = lives.at(-1)!;
      if (Number.isNaN(life.start)) life.start = startSample;
      listener.push(samples, startSample);
      // As many as there are in the first life, when all that is made once has been made.
      if (lives.length === 2 && before.length === 0) before = held();
    }
    await listener.settled();
    const after = held();
    return {
      deaths: lives.length,
      untold,
      late,
      missed: lives.filter(({ heard }) => !heard).length,
      leaked: Math.max(0, after.length - before.length),
    };
  } finally {
    await microphone.close();
    await classifier.close();
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function benchDeaths(model: string): Promise<Line[]> {
  const { deaths, untold, late, missed, leaked } = await surviveDeaths(model, 100);
  return [
    {
      name: 'recorder: deaths survived',
      value: deaths,
      unit: '',
      bar: { atLeast: 100 },
      detail: 'of seven kinds in turn',
    },
    {
      name: 'recorder: deaths not reported, or wrongly',
      value: untold,
      unit: '',
      bar: { atMost: 0 },
      detail: 'by an event',
    },
    {
      name: 'recorder: recoveries after their time',
      value: late,
      unit: '',
      bar: { atMost: 0 },
      detail: 'back-off and start',
    },
    {
      name: 'recorder: keywords missed',
      value: missed,
      unit: '',
      bar: { atMost: 0 },
      detail: 'one in each life',
    },
    {
      name: 'recorder: leaked',
      value: leaked,
      unit: '',
      bar: { atMost: 0 },
      detail: 'descriptors, processes, timers',
    },
  ];
}

function mortal(folder: string): string {
  const cases = DEATHS.map(([script], i) => `${i}) ${script} ;;`).join('\n');
  return `#!/bin/sh
read -r n < "${folder}/count"
echo $((n + 1)) > "${folder}/count"
/bin/cat "${folder}/audio.raw"
case $((n % ${DEATHS.length})) in
${cases}
esac
`;
}

/** What this process holds, by kind. */
function held(): string[] {
  const kinds = ['ProcessWrap', 'PipeWrap'];
  return [
    ...readdirSync('/proc/self/fd').map(() => 'descriptor'),
    ...process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind)),
  ];
}
