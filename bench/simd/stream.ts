import { readFileSync } from 'node:fs';
import { Classifier } from '../../src/classifier/index.js';
import { readPack, resolvePack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import { cpuMs } from '../measure.js';

/** As a microphone gives it while there is something to hear: 80 ms. */
const CHUNK = 1280;

// Started by streams.ts: prints the CPU milliseconds that listening to a file of samples took.
const [model, path] = process.argv.slice(2);
const pack = await readPack(await resolvePack(model));
const bytes = readFileSync(path);
const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
const classifier = new Classifier({ pack });

async function listen(): Promise<number> {
  const listener = new Listener({ pack, classifier });
  const start = cpuMs();
  for (let at = 0; at < samples.length; at += CHUNK) {
    listener.push(samples.subarray(at, at + CHUNK), at);
    // Live, a handoff is answered before the next one comes.
    await listener.settled();
  }
  await listener.finish();
  return cpuMs() - start;
}

// The first time wakes the classifier, and compiles: both happen once in hours.
await listen();
console.log(await listen());
await classifier.close();
