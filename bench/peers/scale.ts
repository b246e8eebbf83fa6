import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MALLOC_ENVIRONMENT } from '../../src/process-settings.js';
import type { Line } from '../measure.js';
import { ROOT } from '../paths.js';
import { allowedCores } from './machine.js';
import { type Section, type SectionOptions, table } from './own-section.js';
import type { ScaleResult, ScaleRun } from './scale-host.js';
import { short } from './spread.js';

/** Within the root of a build. */
const HOST = 'dist/bench/peers/scale-host.js';
/** A sample clock that is this far behind the time has slipped: sound is heard later and later. */
const SLIPPED_MS = 500;
/** What has to be carried, and how late a piece may be heard while 500 words come at once. */
const GOALS = { quiet: 3000, words: 1500, together: 500, lagMs: 250 };
/** How long each run takes, in seconds of sound. */
const SECONDS: Readonly<Record<ScaleRun['sound'], number>> = { quiet: 20, words: 60, together: 20 };
/** Where a stream's cost is compared with that of a stream alone. */
const MANY_STREAMS = 500;

type Sound = ScaleRun['sound'];

export interface ScaleRow extends ScaleResult {
  readonly sound: Sound;
  readonly streams: number;
  readonly seconds: number;
  /** CPU milliseconds for a second of one stream. */
  readonly streamMs: number;
  readonly slipped: boolean;
}

/** How many streams are tried of each sound, in this order, until a sample clock slips. */
export type Counts = Readonly<Partial<Record<Sound, readonly number[]>>>;

export interface ScaleData {
  /** The core that all ran on; null where `taskset` is missing. */
  readonly core: number | null;
  readonly rows: readonly ScaleRow[];
}

/** How many streams one process and one classifier carry on one core. */
export async function runScale({ quick, modelDir }: SectionOptions): Promise<Section<ScaleData>> {
  const core = await pinnable();
  const rows = quick
    ? await climb(
        modelDir,
        { quiet: [4], words: [1, 3] },
        {
          core,
          seconds: { ...SECONDS, quiet: 3, words: 6 },
        },
      )
    : await climb(
        modelDir,
        {
          quiet: [1, 100, 500, 1000, 2000, 3000, 4000],
          words: [1, 100, 500, 1000, 1500],
          together: [100, 500],
        },
        { core },
      );
  return { lines: linesOf(rows), markdown: markdownOf(rows, core), data: { core, rows } };
}

/** The lines of the report alone, of so many streams. @param root of a build */
export async function scaleLines(modelDir: string, counts: Counts, root: string): Promise<readonly Line[]> {
  return linesOf(await climb(modelDir, counts, { core: await pinnable(), root }));
}

async function climb(
  modelDir: string,
  counts: Counts,
  { core, seconds = SECONDS, root = ROOT }: { core: number | null; seconds?: typeof SECONDS; root?: string },
): Promise<ScaleRow[]> {
  const rows: ScaleRow[] = [];
  for (const [sound, tried] of Object.entries(counts) as [Sound, readonly number[]][]) {
    for (const streams of tried) {
      const run = { modelDir, sound, seconds: seconds[sound], streams };
      rows.push(await measured(run, core, root));
      if (rows[rows.length - 1].slipped) break;
    }
  }
  return rows;
}

async function measured(run: ScaleRun, core: number | null, root: string): Promise<ScaleRow> {
  const node = [process.execPath, join(root, HOST), JSON.stringify(run)];
  const [program, ...args] = core === null ? node : ['taskset', '-c', String(core), ...node];
  const { stdout } = await promisify(execFile)(program, args, {
    env: { ...process.env, ...MALLOC_ENVIRONMENT },
  });
  const result = JSON.parse(stdout) as ScaleResult;
  const { sound, streams, seconds } = run;
  return {
    ...result,
    sound,
    streams,
    seconds,
    streamMs: result.cpuMs / (streams * seconds),
    slipped: result.behindMs > SLIPPED_MS,
  };
}

/** The last core that this process may use, where `taskset` can hold another to it. */
async function pinnable(): Promise<number | null> {
  const core = allowedCores().at(-1)!;
  return promisify(execFile)('taskset', ['-c', String(core), 'true']).then(
    () => core,
    () => null,
  );
}

function linesOf(rows: readonly ScaleRow[]): Section<unknown>['lines'] {
  const of = (sound: Sound) => rows.filter((row) => row.sound === sound);
  const quiet = of('quiet');
  const many = quiet.find(({ streams }) => streams === MANY_STREAMS) ?? quiet[quiet.length - 1];
  // A short run does not try as many.
  const isWhole = many.streams === MANY_STREAMS;
  const carried = (name: string, sound: 'quiet' | 'words') => ({
    name: `scale: ${name} on one core`,
    value: Math.max(0, ...of(sound).flatMap(({ streams, slipped }) => (slipped ? [] : [streams]))),
    unit: '',
    ...(isWhole ? { bar: { atLeast: GOALS[sound] } } : {}),
    detail: `the most of ${of(sound)
      .map(({ streams }) => streams)
      .join(', ')} whose sample clocks kept up`,
  });
  const atOnce = of('together').find(({ streams }) => streams === GOALS.together);
  return [
    carried('quiet streams', 'quiet'),
    {
      name: `scale: cost of a quiet stream, of ${many.streams} / alone`,
      value: many.streamMs / quiet[0].streamMs,
      unit: 'x',
      bar: { atMost: 1.2 },
      detail: `${short(many.streamMs)} / ${short(quiet[0].streamMs)} ms/s, waking up for each 80 ms included`,
    },
    carried('streams with a word a minute', 'words'),
    ...(atOnce
      ? [
          {
            name: `scale: lag of ${GOALS.together} streams with a word at once, 99th percentile`,
            value: atOnce.lagMs.p99,
            unit: 'ms',
            bar: { atMost: GOALS.lagMs },
            detail: `median ${atOnce.lagMs.median.toFixed(1)} ms; ${atOnce.handoffs} handoffs`,
          },
        ]
      : []),
    {
      name: 'scale: handoffs that were lost',
      value: rows.reduce((sum, { dropped, unanswered }) => sum + dropped + unanswered, 0),
      unit: '',
      bar: { atMost: 0 },
      detail: `of ${rows.reduce((sum, { handoffs }) => sum + handoffs, 0)} in all`,
    },
    {
      name: 'scale: streams with other detections than alone',
      value: rows.reduce((sum, { wrong }) => sum + wrong, 0),
      unit: '',
      bar: { atMost: 0 },
      detail: `of ${rows.reduce((sum, { streams }) => sum + streams, 0)}; ${rows.reduce((sum, row) => sum + row.words, 0)} words in all`,
    },
  ];
}

const SOUNDS: Readonly<Record<Sound, string>> = {
  quiet: 'quiet',
  words: 'a word each, at its own time',
  together: 'a word each, all at once',
};

function markdownOf(rows: readonly ScaleRow[], core: number | null): string {
  return `## Scale: many streams through one process and one classifier

${core === null ? 'Not pinned, since there is no `taskset`' : `Pinned to core ${core} with \`taskset\``}, classifier included; at real-time pace, in pieces of 80 ms.
The streams are those of the service (\`src/daemon/sent-stream.ts\`), without its sockets; the service takes 64 at a time.
Lag is from when the last sample of a piece was due until it was heard.
A sample clock that is more than ${SLIPPED_MS} ms behind at the end has slipped.
Detections are compared with those of the same audio heard alone.

${table(
  [
    'sound',
    'streams',
    'CPU ms/s a stream',
    'of the core',
    'lag, median and p99',
    'behind at the end',
    'handoffs/s',
    'longest queue',
    'lost',
    'words',
    'streams with other detections',
    'resident',
  ],
  rows.map((row) => [
    `${SOUNDS[row.sound]}, ${row.seconds} s`,
    String(row.streams),
    short(row.streamMs),
    `${Math.round((100 * row.cpuMs) / row.wallMs)} %`,
    `${row.lagMs.median.toFixed(1)}, ${row.lagMs.p99.toFixed(0)} ms`,
    row.slipped ? `**${row.behindMs.toFixed(0)} ms: slipped**` : `${Math.max(0, row.behindMs).toFixed(0)} ms`,
    short((1000 * row.handoffs) / row.wallMs),
    String(row.longestQueue),
    String(row.dropped + row.unanswered),
    String(row.words),
    String(row.wrong),
    `${row.residentMb.toFixed(0)} MB`,
  ]),
)}

A stream that hands over faster than the classifier answers has to wait: a long queue delays sound, and loses none.`;
}
