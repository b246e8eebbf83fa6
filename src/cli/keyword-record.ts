import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { microphone, SAMPLE_RATE, writeWav } from '../audio/index.js';
import { WakegateError } from '../errors.js';
import { problemOf } from '../training/own/takes.js';

const TAKE_SECONDS = 2.5;
const MOST_TRIES = 4;
const BAR = 20;

/**
 * Records so many takes with the microphone, with a level meter; a take that cannot be used is recorded again.
 *
 * @returns their files
 * @throws WakegateError WG_RECORDER_*; WG_KEYWORD_INVALID where one take after the other cannot be used
 */
export async function recordTakes(name: string, count: number, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const source = microphone();
  const files: string[] = [];
  try {
    const chunks = source[Symbol.asyncIterator]();
    for (let take = 1, tries = 0; take <= count; ) {
      console.error(`Take ${take} of ${count}: say it now, once (${name.replaceAll('_', ' ')})`);
      const samples = await record(chunks);
      const problem = problemOf(samples);
      if (problem !== null) {
        console.error(`That take ${problem}. Once more.`);
        if (++tries < MOST_TRIES) continue;
        throw new WakegateError(
          'WG_KEYWORD_INVALID',
          `${MOST_TRIES} takes in a row cannot be used (the last one ${problem}): see "wakegate doctor" for the microphone`,
        );
      }
      const file = join(folder, `take-${take}.wav`);
      await writeFile(file, writeWav(samples, SAMPLE_RATE));
      files.push(file);
      take++;
      tries = 0;
    }
  } finally {
    await source.close();
  }
  return files;
}

async function record(chunks: AsyncIterator<{ readonly samples: Int16Array }>): Promise<Int16Array> {
  const samples = new Int16Array(TAKE_SECONDS * SAMPLE_RATE);
  for (let at = 0; at < samples.length; ) {
    const { value, done } = await chunks.next();
    if (done) throw new WakegateError('WG_RECORDER_FAILED', 'the microphone ended: see "wakegate doctor"');
    const part = value.samples.subarray(0, samples.length - at);
    samples.set(part, at);
    at += part.length;
    draw(part);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return samples;
}

function draw(samples: Int16Array): void {
  if (!process.stderr.isTTY) return;
  let sum = 1;
  for (const sample of samples) sum += sample * sample;
  const dbfs = 10 * Math.log10(sum / Math.max(1, samples.length)) - 90.3;
  const filled = Math.max(0, Math.min(BAR, Math.round((BAR * (dbfs + 60)) / 60)));
  process.stderr.write(`\r[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${dbfs.toFixed(0)} dBFS `);
}
