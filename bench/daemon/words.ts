import { readAudioFile } from '../../src/audio/index.js';
import { quietRoom } from '../measure.js';
import { SAMPLE_FILE } from '../paths.js';

/** A keyword, spoken by one of the synthesized voices of the bundled sample. */
export interface Word {
  readonly keyword: string;
  /** At 16 kHz, with the end of the word at their end. */
  readonly samples: Int16Array;
}

/** Where they are in samples/demo.wav, which scripts/sample.sh makes, in seconds; a pause is on both sides. */
const PLACES: readonly (readonly [keyword: string, from: number, to: number])[] = [
  ['alexa', 0.9, 2.2],
  ['computer', 7.6, 9.2],
  ['jarvis', 15.2, 16.7],
  ['smart_mirror', 18.1, 19.9],
  ['snowboy', 23.9, 25.6],
];

const FRAME = 160;
/** Under the loudest frame; what is below is the pause. */
const PAUSE_DB = 35;

export async function bundledWords(): Promise<Word[]> {
  const sample = await readAudioFile(SAMPLE_FILE);
  return PLACES.map(([keyword, from, to]) => {
    const part = sample.subarray(from * 16_000, to * 16_000);
    const [first, end] = spoken(part);
    return { keyword, samples: part.slice(Math.max(0, first - 1600), end) };
  });
}

/** `word` in the noise of a quiet room, so many seconds after the start and before the end. */
export function inQuiet({ samples }: Word, before: number, after: number): Int16Array {
  const room = quietRoom(Math.round((before + after) * 16_000) + samples.length);
  const at = Math.round(before * 16_000);
  for (let i = 0; i < samples.length; i++)
    room[at + i] = Math.max(-32_768, Math.min(32_767, room[at + i] + samples[i]));
  return room;
}

/** First sample of the first and end of the last frame that are louder than a pause. */
export function spoken(part: Int16Array): [first: number, end: number] {
  const powers = Array.from({ length: Math.floor(part.length / FRAME) }, (_, frame) =>
    part.subarray(frame * FRAME, (frame + 1) * FRAME).reduce((sum, sample) => sum + sample * sample, 0),
  );
  const least = Math.max(...powers) / 10 ** (PAUSE_DB / 10);
  const loud = (power: number) => power > least;
  return [powers.findIndex(loud) * FRAME, (powers.findLastIndex(loud) + 1) * FRAME];
}
