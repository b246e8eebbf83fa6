import { readFileSync } from 'node:fs';
import { Classifier } from '../../src/classifier/index.js';
import { readPack, resolvePack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';

// Started by same-decisions.test.ts: listens to clips, which lie one after another in a file of samples, on the path that the environment
// says, and prints what was decided.

export interface Decided {
  readonly name: string;
  readonly gate: readonly string[];
  readonly detections: readonly { readonly what: string; readonly score: number }[];
  /** The highest of each keyword, by the posterior and after second looks, and that of the gate. */
  readonly scores: Readonly<Record<string, number>>;
}

export interface Listened {
  readonly backend: string | null;
  readonly clips: readonly Decided[];
}

export interface Clips {
  /** Of int16 samples at 16 kHz. */
  readonly path: string;
  readonly clips: readonly { readonly name: string; readonly length: number }[];
}

const CHUNK = 1280;

const { path, clips } = JSON.parse(process.argv[2]) as Clips;
const bytes = readFileSync(path);
const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
const pack = await readPack(await resolvePack('wake-words-en'));
const classifier = new Classifier({ pack });
const decided: Decided[] = [];
let from = 0;
for (const { name, length } of clips) {
  decided.push(await listen(name, samples.subarray(from, from + length)));
  from += length;
}
const { backend } = classifier.status();
await classifier.close();
process.stdout.write(JSON.stringify({ backend, clips: decided } satisfies Listened));

async function listen(name: string, clip: Int16Array): Promise<Decided> {
  const listener = new Listener({ pack, classifier });
  const gate: string[] = [];
  const detections: { what: string; score: number }[] = [];
  listener.on('gate', ({ open, sample }) => gate.push(`${open ? 'open' : 'shut'} ${sample}`));
  listener.on('detection', ({ keyword, sample, score }) =>
    detections.push({ what: `${keyword} ${sample}`, score }),
  );
  for (let at = 0; at < clip.length; at += CHUNK) {
    listener.push(clip.subarray(at, at + CHUNK), at);
    await listener.settled();
  }
  await listener.finish();
  const { scores, joinedScores, maxScore } = listener.account();
  const joined = Object.entries(joinedScores ?? {}).map(([keyword, score]) => [`${keyword}, joined`, score]);
  return { name, gate, detections, scores: { ...scores, ...Object.fromEntries(joined), gate: maxScore } };
}
