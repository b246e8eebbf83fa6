import type { ModelPack, OwnKeyword } from '../../model/index.js';
import { KeywordEar } from './keyword-ear.js';

/** What comes after a clip: a keyword is detected after its end. */
const TAIL_SAMPLES = 16_000;
/** And before it: the front half has to fill. */
const LEAD_SAMPLES = 32_000;

/** The highest score that a keyword reaches in each clip, with its gate and its second look. */
export async function scoresIn(
  pack: ModelPack,
  keyword: OwnKeyword,
  clips: readonly Int16Array[],
): Promise<number[]> {
  const ear = await KeywordEar.open(pack, keyword);
  return clips.map((clip) => {
    const samples = new Int16Array(LEAD_SAMPLES + clip.length + TAIL_SAMPLES);
    samples.set(clip, LEAD_SAMPLES);
    return ear.hear(samples).reduce((best, score) => Math.max(best, score), 0);
  });
}
