import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import {
  type AudioChunk,
  MicrophoneSource,
  peakDbfs,
  rmsDbfs,
  SAMPLE_RATE,
  writeWav,
} from '../audio/index.js';
import type { Config } from '../config/index.js';
import { WakegateError } from '../errors.js';
import { replaceFile } from '../replace-file.js';
import { levelsText, takeLevels } from '../training/own/take-levels.js';
import { problemOf } from '../training/own/takes.js';
import { playFile } from './play-file.js';

const TAKE_SECONDS = 2.5;
const MOST_TRIES = 4;
const BAR = 20;
const CLIPPED_DBFS = -0.01;

/** What is recorded, with which microphone, and where to. */
export interface Recording {
  readonly phrase: string;
  readonly count: number;
  readonly folder: string;
  readonly config: Pick<
    Config,
    'recorder' | 'device' | 'rate' | 'channels' | 'channel' | 'gainDb' | 'highPassHz'
  >;
}

/**
 * Records so many takes with the microphone, with a level meter; a take that cannot be used is recorded again. On a terminal each
 * one can be played, and recorded again.
 *
 * @returns their files
 * @throws WakegateError WG_RECORDER_*; WG_KEYWORD_INVALID where one take after the other cannot be used
 */
export async function recordTakes({ phrase, count, folder, config }: Recording): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const { recorder, device, rate, channels, channel, gainDb, highPassHz } = config;
  const source = new MicrophoneSource({
    recorder,
    ...(device && { device }),
    rate,
    channels,
    channel,
    gainDb,
    highPassHz,
  });
  const sound = new Sound(source[Symbol.asyncIterator]());
  const questions = process.stdin.isTTY
    ? createInterface({ input: process.stdin, terminal: false }) // Ctrl-C ends the program
    : null;
  const files: string[] = [];
  let tries = 0;
  try {
    while (files.length < count) {
      const take = files.length + 1;
      console.error(`Take ${take} of ${count}: say "${phrase}" now, once`);
      const samples = await sound.record(TAKE_SECONDS * SAMPLE_RATE);
      const problem = problemOf(samples);
      if (problem !== null) {
        console.error(`That take ${problem}. Once more.`);
        if (++tries < MOST_TRIES) continue;
        throw new WakegateError(
          'WG_KEYWORD_INVALID',
          `${MOST_TRIES} takes in a row cannot be used (the last one ${problem}): see "wakegate doctor" for the microphone`,
        );
      }
      tries = 0;
      console.error(`  ${levelsText(takeLevels(samples))}`);
      const file = join(folder, `take-${take}.wav`);
      await replaceFile(file, writeWav(samples, SAMPLE_RATE));
      if (questions === null || (await sound.dropUntil(isKept(file, questions)))) files.push(file);
    }
  } finally {
    questions?.close();
    await source.close();
  }
  return files;
}

/** Asks what is to become of a take. */
async function isKept(file: string, questions: ReturnType<typeof createInterface>): Promise<boolean> {
  for (;;) {
    process.stderr.write('  Enter keeps it, p plays it, a records it again: ');
    const answer = (await new Promise<string>((resolve) => questions.once('line', resolve))).trim();
    if (answer === 'p') await playFile(file);
    else return answer !== 'a';
  }
}

/** What a microphone hears, piece by piece. */
class Sound {
  readonly #chunks: AsyncIterator<AudioChunk>;
  #next: Promise<IteratorResult<AudioChunk>> | null = null;

  constructor(chunks: AsyncIterator<AudioChunk>) {
    this.#chunks = chunks;
  }

  async record(length: number): Promise<Int16Array> {
    const samples = new Int16Array(length);
    for (let at = 0; at < length; ) {
      const part = (await this.#read()).subarray(0, length - at);
      samples.set(part, at);
      at += part.length;
      draw(part);
    }
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    return samples;
  }

  /** Throws away what is heard until then. */
  async dropUntil<Result>(done: Promise<Result>): Promise<Result> {
    let isDone = false;
    const ended = done.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      this.#next ??= this.#chunks.next();
      const next = this.#next;
      await Promise.race([ended, next]);
      if (!isDone) await this.#read();
    }
    return ended;
  }

  async #read(): Promise<Int16Array> {
    const { value, done } = await (this.#next ?? this.#chunks.next());
    this.#next = null;
    if (done) throw new WakegateError('WG_RECORDER_FAILED', 'the microphone ended: see "wakegate doctor"');
    return value.samples;
  }
}

/** The level meter. */
function draw(samples: Int16Array): void {
  if (!process.stderr.isTTY) return;
  const dbfs = Math.max(-90, rmsDbfs(samples));
  const filled = Math.max(0, Math.min(BAR, Math.round((BAR * (dbfs + 60)) / 60)));
  const clipped = peakDbfs(samples) > CLIPPED_DBFS ? 'clipped' : '';
  process.stderr.write(
    `\r\x1b[K[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${dbfs.toFixed(0)} dBFS ${clipped}`,
  );
}
