import { fileURLToPath } from 'node:url';
import { readAudioFile } from '../../src/audio/index.js';

export const DEMO = fileURLToPath(new URL('../../../samples/demo.wav', import.meta.url));

/** The wake words that samples/demo.wav says, and where each is over, in seconds, by ear. */
export const DEMO_WORDS = [
  ['alexa', 1.8],
  ['computer', 8.5],
  ['jarvis', 16.1],
  ['smart_mirror', 19.2],
  ['snowboy', 25.0],
] as const;

export interface SpokenWords {
  /** 16 kHz mono, two seconds a word. */
  readonly samples: Int16Array;
  readonly words: readonly string[];
}

/** So many words in a row, cut out of the bundled sample, one after the other. */
export async function spokenWords(count: number): Promise<SpokenWords> {
  const demo = await readAudioFile(DEMO);
  const samples = new Int16Array(count * 32_000);
  const words: string[] = [];
  for (let i = 0; i < count; i++) {
    const [word, end] = DEMO_WORDS[i % DEMO_WORDS.length];
    const start = Math.round((end - 1.4) * 16_000);
    samples.set(demo.subarray(start, start + 32_000), i * 32_000);
    words.push(word);
  }
  return { samples, words };
}
