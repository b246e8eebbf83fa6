import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Started by classifier.ts: wakes the classifier of the build in some folder, and prints one line of JSON: how long that took, and the CPU
// time of a window.
const [root, model] = process.argv.slice(2);
const load = (file: string) => import(pathToFileURL(join(root, 'dist/src', file)).href);
const { Classifier } = (await load('classifier/index.js')) as typeof import('../../src/classifier/index.js');
const { HandoffEncoder } = (await load('gate/handoff.js')) as typeof import('../../src/gate/handoff.js');
const { readPack, resolvePack } = (await load('model/index.js')) as typeof import('../../src/model/index.js');

const WAKES = 5;
const WINDOWS = 400;

export interface ClassifierCosts {
  readonly wakeMs: number;
  /** CPU milliseconds in the whole process for a window that follows another by a hop, and for one that has nothing to do with it. */
  readonly nextMs: number;
  readonly freshMs: number;
}

const pack = await readPack(await resolvePack(model));
const { windowSteps, hopSteps } = pack.handoff;
const { channels } = pack.compression;
const encoder = new HandoffEncoder(pack.compression, pack.fingerprint, windowSteps);
let state = 1;
const levels = Uint8Array.from({ length: (windowSteps + hopSteps * WINDOWS) * channels }, () => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return state >>> 30 === 0 ? (state >>> 20) % 8 : 0;
});
/** @param stride in which order the windows come: each follows the one before by so many hops */
const messages = (stride: number) =>
  Array.from({ length: WINDOWS }, (_, i) => {
    const first = ((i * stride) % WINDOWS) * hopSteps;
    const header = { streamId: 0, step: windowSteps + first - 1, endSample: 640 * first };
    return encoder.encode(header, levels.slice(first * channels, (first + windowSteps) * channels));
  });

async function windowMs(classifier: InstanceType<typeof Classifier>, stride: number): Promise<number> {
  const all = messages(stride);
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 5; turn++) {
    const start = process.cpuUsage();
    // Live, they come one by one.
    for (const message of all) await classifier.classify(message);
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000 / WINDOWS);
  }
  return least;
}

const wakes: number[] = [];
for (let wake = 0; wake < WAKES; wake++) {
  const classifier = new Classifier({ pack });
  await classifier.classify(messages(1)[0]);
  wakes.push(classifier.status().wakeMs!);
  await classifier.close();
}
const classifier = new Classifier({ pack, idleMs: 3_600_000 });
const costs: ClassifierCosts = {
  wakeMs: wakes.sort((a, b) => a - b)[WAKES >> 1],
  nextMs: await windowMs(classifier, 1),
  // By more than a window, and back.
  freshMs: await windowMs(classifier, 151),
};
console.log(JSON.stringify(costs));
await classifier.close();
