import { Classifier } from '../classifier/index.js';
import type { ModelPack } from '../model/index.js';
import type { Clip } from './corpus.js';
import { listenToClip } from './listen-to-clip.js';

/** Share of a keyword's clips that may score below what counts as its low end. */
const OUTLIERS = 0.03;
/** No threshold is lower than this, however well a keyword stands apart. */
const LOWEST = 0.9;
/** Every threshold is at least this far over the highest score without a keyword, in logits. */
const CLEARANCE = 0.3;

/**
 * A threshold for each keyword: half way, in logits, between the highest score of any recording without a keyword and the
 * low end of the keyword's own clips. Where the two overlap, precision goes first: what is no keyword stays below.
 *
 * @param positives clips that hold a keyword each, held out from training
 * @param negatives speech, noise and music, held out as well
 */
export async function calibrateKeywords(
  pack: ModelPack,
  positives: readonly Clip[],
  negatives: readonly Clip[],
): Promise<Record<string, number>> {
  const classifier = new Classifier({ pack, backend: 'wasm' });
  const scoresOf = async ({ samples }: Clip) =>
    (await listenToClip(samples, pack, classifier)).account.scores;
  const own = new Map<string, number[]>(pack.keywords.map(({ name }) => [name, []]));
  for (const clip of positives) own.get(clip.label)?.push((await scoresOf(clip))[clip.label]);
  const highest = new Map<string, number>(pack.keywords.map(({ name }) => [name, 0]));
  for (const clip of negatives) {
    for (const [name, score] of Object.entries(await scoresOf(clip)))
      highest.set(name, Math.max(highest.get(name)!, score));
  }
  await classifier.close();

  return Object.fromEntries(
    pack.keywords.map(({ name }) => {
      const scores = own.get(name)!.sort((a, b) => a - b);
      const lowEnd = scores[Math.floor(OUTLIERS * scores.length)];
      const ceiling = logit(highest.get(name)!);
      const threshold = logistic(Math.max((ceiling + logit(lowEnd)) / 2, ceiling + CLEARANCE));
      return [name, Number(Math.max(LOWEST, threshold).toFixed(4))];
    }),
  );
}

function logit(probability: number): number {
  const p = Math.min(1 - 1e-6, Math.max(1e-6, probability));
  return Math.log(p / (1 - p));
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
