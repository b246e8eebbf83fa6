import { type ModelPack, type OwnKeyword, withOwnKeywords } from '../../model/index.js';
import { levelsOf } from '../bank/levels.js';
import { Embedder } from './embedder.js';
import { hear } from './score.js';

/** What comes after a clip: a keyword is detected after its end. */
const TAIL_SAMPLES = 16_000;
/** And before it: the front half has to fill. */
const LEAD_SAMPLES = 32_000;

/** The highest score that a keyword reaches in each clip, with its gate. */
export async function scoresIn(
  pack: ModelPack,
  keyword: OwnKeyword,
  clips: readonly Int16Array[],
): Promise<number[]> {
  withOwnKeywords(pack, [keyword]); // refuses one of another trunk
  const embedder = await Embedder.load(pack);
  const { size, channels } = embedder;
  const head = { ...keyword.head, b2: Float32Array.of(keyword.head.b2) };
  return clips.map((clip) => {
    const samples = new Int16Array(LEAD_SAMPLES + clip.length + TAIL_SAMPLES);
    samples.set(clip, LEAD_SAMPLES);
    const levels = levelsOf(pack, samples);
    const values = embedder.embed(levels);
    const stream = { values, count: values.length / size };
    const even = levels.subarray((levels.length / channels) % 2 === 0 ? 0 : channels);
    const { scores } = hear(embedder.backend.tf, head, keyword.gate, {
      stream,
      levels: even,
      size,
      channels,
    });
    return scores.reduce((best, score) => Math.max(best, score), 0);
  });
}
