import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { decodeBytes } from '../../src/audio/codecs/decode.js';
import { writeWav } from '../../src/audio/codecs/wav.js';
import { resampled } from '../../src/audio/resample.js';
import { WakegateError } from '../../src/errors.js';
import { flacBomb, mp3Headers, oggFlacBomb } from '../../test/support/hostile-audio.js';
import { mutate } from './mutate.js';

/**
 * Decodes altered files for a while, guided by coverage: what reaches code that nothing before it did is altered
 * further. A find is an error that is not one of ours, a block that takes more than 50 ms of CPU time in three tries, or
 * more than 32 MB of buffers. Files in the folder WAKEGATE_DATA/fuzz, where there is one, are altered too.
 *
 * npm run fuzz -- --seconds 60
 */
const MOST_BLOCK_MS = 50;
const MOST_BYTES = 32 * 1024 * 1024;
/** Sound of each file that is decoded, in samples at 16 kHz. */
const MOST_SAMPLES = 16_000 * 5;
const FINDS = 'fuzz-finds';

const secondsAt = process.argv.indexOf('--seconds');
const seconds = secondsAt === -1 ? 60 : Number(process.argv[secondsAt + 1]);

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

const corpus = seeds();
const seen = new Set<string>();
let tried = 0;
let finds = 0;
for (const input of corpus) await hear(input); // loads the decoders, and covers what sound files reach
await isNew();
for (const endMs = performance.now() + 1000 * seconds; performance.now() < endMs; ) {
  const input = mutate(corpus);
  tried++;
  const problem = await judge(input);
  if (problem) keep(input, problem);
  else if (await isNew()) corpus.push(input);
}
console.log(`${tried} files in ${seconds} s, ${corpus.length} kept for new code, ${finds} finds`);
process.exit(finds === 0 ? 0 : 1);

/** What is wrong with how an input is decoded, the same in three tries. */
async function judge(input: Buffer): Promise<string | null> {
  let problem: string | null = null;
  for (let attempt = 0; attempt < 3; attempt++) {
    problem = await hear(input);
    if (!problem) return null;
  }
  return problem;
}

async function hear(input: Buffer): Promise<string | null> {
  const startBytes = process.memoryUsage().arrayBuffers;
  let samples = 0;
  let cpu = process.cpuUsage();
  let mostMs = 0;
  try {
    for await (const block of resampled(decodeBytes(whole(input), 'x'))) {
      const { user } = process.cpuUsage(cpu);
      mostMs = Math.max(mostMs, user / 1000);
      if (process.memoryUsage().arrayBuffers - startBytes > MOST_BYTES) return 'more than 32 MB';
      samples += block.length;
      if (samples > MOST_SAMPLES) break;
      cpu = process.cpuUsage();
    }
  } catch (error) {
    if (!(error instanceof WakegateError)) return String((error as Error)?.stack ?? error);
  }
  mostMs = Math.max(mostMs, process.cpuUsage(cpu).user / 1000);
  return mostMs > MOST_BLOCK_MS ? `a block of ${mostMs.toFixed(0)} ms` : null;
}

async function* whole(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Whether code ran since the last call that had never run before. */
async function isNew(): Promise<boolean> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const before = seen.size;
  for (const { url, functions } of result) {
    if (!url.includes('/src/audio/')) continue;
    for (const { ranges } of functions) {
      for (const { startOffset, count } of ranges)
        if (count > 0) seen.add(`${url}:${startOffset}:${Math.clz32(count)}`);
    }
  }
  return seen.size > before;
}

function seeds(): Buffer[] {
  const tone = Int16Array.from({ length: 800 }, (_, i) => Math.round(8000 * Math.sin(i / 5)));
  const made = [writeWav(tone, 16_000), flacBomb(1), oggFlacBomb(1), mp3Headers(104 * 4)];
  const folder = join(process.env.WAKEGATE_DATA ?? '../shared/data', 'fuzz');
  try {
    return [...made, ...readdirSync(folder).map((name) => readFileSync(join(folder, name)))];
  } catch {
    return made;
  }
}

function keep(input: Buffer, problem: string): void {
  finds++;
  mkdirSync(FINDS, { recursive: true });
  const path = join(FINDS, `${Date.now()}-${finds}`);
  writeFileSync(path, input);
  console.log(`${path}: ${problem}`);
}
