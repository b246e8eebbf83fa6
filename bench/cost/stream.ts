import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Started by streams.ts: listens to a file of samples with the build in some folder, which may be that of another commit, and prints one
// line of JSON: what it took.
const [root, model, path] = process.argv.slice(2);
const load = (file: string) => import(pathToFileURL(join(root, 'dist/src', file)).href);

/** As a microphone gives it while there is something to hear: 80 ms. */
const CHUNK = 1280;

const { Classifier } = (await load('classifier/index.js')) as typeof import('../../src/classifier/index.js');
const { EnergyMeter } = (await load('energy/index.js')) as typeof import('../../src/energy/index.js');
const { readPack, resolvePack } = (await load('model/index.js')) as typeof import('../../src/model/index.js');
const { Listener } = (await load('pipeline.js')) as typeof import('../../src/pipeline.js');

export interface StreamCost {
  /** CPU milliseconds of all threads, and of the thread that listens. */
  readonly cpuMs: number;
  readonly mainMs: number;
  /** CPU milliseconds by stage, as the meter has them. */
  readonly stages: Readonly<Record<string, number>>;
  /** Milliseconds that the thread that listens spent in the garbage collector. */
  readonly gcMs: number;
  readonly handoffs: number;
  readonly openings: number;
  readonly looks: number;
  /** CPU milliseconds of waking the classifier, and of loading its second look. */
  readonly wakeMs: number;
  readonly awakeAfterMs: number;
  readonly backend: string;
  readonly detections: readonly string[];
}

const pack = await readPack(await resolvePack(model));
const bytes = readFileSync(path);
const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
const classifier = new Classifier({ pack, idleMs: 3_600_000 });
let wakeMs = 0;
classifier.on('cost', ({ wakeCpuMs }) => {
  wakeMs += wakeCpuMs;
});
let gcMs = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) gcMs += duration;
}).observe({ entryTypes: ['gc'] });

/** CPU time, which other processes cannot lengthen: while a stage works, no other thread of this process does much. */
const clock = { kind: 'thread-cpu', nowMs: cpuMs } as const;

async function listen(): Promise<StreamCost> {
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps, clock });
  const listener = new Listener({ pack, classifier, meter });
  const detections: string[] = [];
  listener.on('detection', ({ keyword, sample, score }) =>
    detections.push(`${keyword} ${sample} ${score.toFixed(4)}`),
  );
  gcMs = 0;
  const start = cpuMs();
  const mainStart = mainMs();
  for (let at = 0; at < samples.length; at += CHUNK) {
    listener.push(samples.subarray(at, at + CHUNK), at);
    // Live, a handoff is answered before the next one comes.
    await listener.settled();
  }
  await listener.finish();
  const { handoffs, openings, looks } = listener.account();
  const stages = Object.entries(meter.snapshot().stages).map(([name, { cpuMs }]) => [name, cpuMs]);
  return {
    cpuMs: cpuMs() - start,
    mainMs: mainMs() - mainStart,
    stages: Object.fromEntries(stages),
    gcMs,
    handoffs: handoffs.count,
    openings,
    looks: looks.count,
    wakeMs,
    awakeAfterMs: classifier.status().wakeMs ?? 0,
    backend: String(classifier.status().backend),
    detections,
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Of the thread that listens: the kernel counts it in nanoseconds. 0 where it does not. */
function mainMs(): number {
  try {
    const tasks = '/proc/self/task';
    if (!readdirSync(tasks).includes(String(process.pid))) return 0;
    return Number(readFileSync(`${tasks}/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

// The first times wake the classifier, and compile: both happen once in hours.
await listen();
await listen();
console.log(JSON.stringify(await listen()));
await classifier.close();
