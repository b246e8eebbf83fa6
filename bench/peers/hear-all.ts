import type { Answers } from './accuracy.js';
import { CONDITIONS, type ComparedAudio, type Condition, NEGATIVES, type Negative } from './audio.js';
import type { EngineProcess } from './engine-process.js';
import type { HeardClip } from './protocol.js';

/** Has an engine hear all that is compared, of its words. */
export async function hearAll(
  engine: EngineProcess,
  words: readonly string[],
  setting: number | null,
  audio: ComparedAudio,
): Promise<Answers> {
  const positives: Record<string, Record<Condition, readonly HeardClip[]>> = {};
  for (const { word, recordings } of audio.positives) {
    if (!words.includes(word)) continue;
    const answers = {} as Record<Condition, readonly HeardClip[]>;
    for (const condition of CONDITIONS) answers[condition] = (await engine.hear(recordings[condition])).clips;
    positives[word] = answers;
  }
  const negatives = {} as Record<Negative, readonly HeardClip[]>;
  for (const kind of NEGATIVES) negatives[kind] = (await engine.hear(audio.negatives[kind])).clips;
  return { setting, positives, negatives };
}
