import { Classifier, secondLookSamples } from '../../classifier/index.js';
import { WakegateError } from '../../errors.js';
import type { ModelPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { MISTAKE } from '../corpus/keyword-scenes.js';
import { listenToClip } from './listen-to-clip.js';

/** Looks at one recording are of the same mistake where they are nearer than this. */
const APART_SAMPLES = 16_000;

/**
 * What the first network of `pack` would have a second look at in recordings without a keyword: sound that is like one to it, from which
 * a second network learns most. The pack needs a second look for that, of whatever quality.
 *
 * @throws WakegateError WG_MODEL_INVALID where it has none
 */
export async function findMistakes(
  pack: ModelPack,
  clips: readonly Clip[],
  onProgress: (done: number, of: number) => void = () => {},
): Promise<Clip[]> {
  const { secondLook } = pack;
  if (!secondLook) {
    throw new WakegateError('WG_MODEL_INVALID', `${pack.name} has no second look: add one first`);
  }
  const length = secondLookSamples(secondLook);
  // Nothing reaches a threshold of 1, so that every candidate is looked at, and none is reported.
  const asking = { ...pack, keywords: pack.keywords.map((keyword) => ({ ...keyword, threshold: 1 })) };
  const classifier = new Classifier({ pack: asking });
  const mistakes: Clip[] = [];
  for (const [i, clip] of clips.entries()) {
    const { looks } = await listenToClip(clip.samples, asking, classifier);
    let last = Number.NEGATIVE_INFINITY;
    for (const { sample } of looks) {
      if (sample - last < APART_SAMPLES) continue;
      last = sample;
      const end = Math.min(clip.samples.length, sample);
      const samples = clip.samples.slice(Math.max(0, end - length), end);
      mistakes.push({ ...clip, kind: 'word', label: MISTAKE, samples });
    }
    onProgress(i + 1, clips.length);
  }
  await classifier.close();
  return mistakes;
}
