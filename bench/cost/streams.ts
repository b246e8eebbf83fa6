import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAudioFile } from '../../src/audio/index.js';
import { dataDirectory } from '../../src/training/corpus/corpus.js';
import { readManifest } from '../../src/training/corpus/manifest.js';
import { joined, type Line, median } from '../measure.js';
import type { StreamCost } from './stream.js';

const RATE = 16_000;
/** CPU milliseconds per second of audio. */
const BARS = { speech: 0.4, music: 0.8, noise: 0.4 };
const STREAM = fileURLToPath(new URL('stream.js', import.meta.url));

/** What listening costs, by kind of sound and by stage: of this build, and of that of another commit in turns with it. */
export async function benchStreams(
  roots: readonly string[],
  model: string,
  { seconds, turns }: { seconds: number; turns: number },
): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-cost-'));
  try {
    const lines: Line[] = [];
    for (const [kind, atMost] of Object.entries(BARS)) {
      const path = join(folder, `${kind}.pcm`);
      const heard = await writeAudio(kind, path, seconds);
      const costs = roots.map((): StreamCost[] => []);
      for (let turn = 0; turn < turns; turn++) {
        for (const [i, root] of roots.entries()) costs[i].push(listen(root, model, path));
      }
      lines.push(...linesOf(kind, heard, costs, atMost));
    }
    return lines;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns how many seconds of a kind of sound there are */
async function writeAudio(kind: string, path: string, seconds: number): Promise<number> {
  const clips: Int16Array[] = [];
  let length = 0;
  for (const row of await readManifest(join(dataDirectory(), 'manifest.csv'))) {
    if (row.split !== 'dev' || row.kind !== kind || length >= seconds * RATE) continue;
    clips.push(await readAudioFile(row.file));
    length += clips.at(-1)!.length;
  }
  const samples = joined(clips, Math.min(length, seconds * RATE));
  await writeFile(path, new Uint8Array(samples.buffer));
  return samples.length / RATE;
}

function listen(root: string, model: string, path: string): StreamCost {
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return JSON.parse(
    execFileSync(process.execPath, [STREAM, root, model, path], { stdio: [...stdio], encoding: 'utf8' }),
  );
}

function linesOf(
  kind: string,
  seconds: number,
  [own, other]: readonly StreamCost[][],
  atMost: number,
): Line[] {
  const of = (costs: readonly StreamCost[], what: (cost: StreamCost) => number) =>
    median(costs.map(what)) / seconds;
  const before = (what: (cost: StreamCost) => number) =>
    other ? `; before ${of(other, what).toFixed(3)}` : '';
  const line = (name: string, what: (cost: StreamCost) => number, detail = ''): Line => ({
    name: `${kind}: ${name}`,
    value: of(own, what),
    unit: 'ms/s',
    detail: `${detail}${before(what)}`.replace(/^; /, ''),
  });
  const { handoffs, openings, looks, backend } = own[0];
  const minute = (count: number) => ((60 * count) / seconds).toFixed(1);
  const inStages = (cost: StreamCost) => Object.values(cost.stages).reduce((sum, ms) => sum + ms, 0);
  const stage = (name: string) => (cost: StreamCost) => cost.stages[name] ?? 0;
  const whole = line('whole process', ({ cpuMs }) => cpuMs, `${Math.round(seconds)} s of dev, on ${backend}`);
  const lines = [
    { ...whole, bar: { atMost } },
    line('features', stage('features')),
    line('front half and gate', stage('gate')),
    line(
      'handoffs',
      stage('handoff'),
      `${minute(handoffs)} handoffs and ${minute(openings)} openings a minute`,
    ),
    line('classifier', stage('classifier')),
    line('second looks', stage('secondLook'), `${minute(looks)} a minute`),
    line('the rest', (cost) => cost.cpuMs - inStages(cost), 'messages, event loops, garbage, compilers'),
    line('garbage of the thread that listens', ({ gcMs }) => gcMs, 'on the clock'),
    line('the thread that listens, in all', ({ mainMs }) => mainMs),
    line("the worker's and V8's threads, in all", ({ cpuMs, mainMs }) => cpuMs - mainMs),
  ];
  if (other) {
    const ratios = own.map(({ cpuMs }, turn) => other[turn].cpuMs / cpuMs);
    lines.push({
      name: `${kind}: before / now`,
      value: median(ratios),
      unit: 'x',
      detail: `${own.length} turns: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`,
    });
    lines.push(sameDetections(kind, own[0].detections, other[0].detections));
  }
  return lines;
}

function sameDetections(kind: string, own: readonly string[], other: readonly string[]): Line {
  const key = (detection: string) => detection.split(' ').slice(0, 2).join(' ');
  const score = (detection: string) => Number(detection.split(' ')[2]);
  const differing =
    own.filter((each) => !other.some((that) => key(that) === key(each))).length +
    other.filter((each) => !own.some((that) => key(that) === key(each))).length;
  const farthest = Math.max(0, ...own.map((each, i) => Math.abs(score(each) - score(other[i] ?? each))));
  return {
    name: `${kind}: detections that differ`,
    value: differing,
    unit: 'of both',
    bar: { atMost: 0 },
    detail: `${own.length} detections; scores at most ${farthest.toFixed(4)} apart`,
  };
}
