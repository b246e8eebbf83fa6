import { SAMPLE_RATE } from '../../audio/index.js';
import { Detector } from '../../classifier/detector.js';
import type { SecondLookVerdict } from '../../classifier/index.js';
import type { KeywordSettings, ModelPack } from '../../model/index.js';
import type { HeardInClip } from './listen-to-clip.js';

/** Misses and false accepts at one setting of the thresholds. */
export interface DetPoint {
  /** Added to every threshold, in logits. 0 is the pack as it is. */
  readonly offset: number;
  readonly falseRejects: number;
  readonly falseAcceptsPerHour: number;
}

/** What was heard in a clip with a label. */
export interface Labelled extends Pick<HeardInClip, 'positions'> {
  /** What a second look says of every candidate, also of those after a detection; null where there was none. */
  readonly verdicts: readonly Pick<SecondLookVerdict, 'keyword' | 'sample' | 'score'>[] | null;
  readonly clip: { readonly label: string; readonly samples: Int16Array };
}

const OFFSETS = Array.from({ length: 65 }, (_, i) => (i - 32) / 4);

/**
 * The detection error trade-off: the detector is run again over the posteriors that the pipeline gave, with all thresholds moved
 * together.
 *
 * @param only count this keyword alone
 */
export function detCurve(
  pack: ModelPack,
  positives: readonly Labelled[],
  negatives: readonly Labelled[],
  only?: string,
): DetPoint[] {
  const own = positives.filter(({ clip }) => only === undefined || clip.label === only);
  const hours = negatives.reduce((sum, { clip }) => sum + clip.samples.length, 0) / SAMPLE_RATE / 3600;
  // Most recordings never open the gate, and nothing is detected in them at any threshold.
  const heardAtAll = negatives.filter(({ positions }) => positions.length > 0);
  return OFFSETS.map((offset) => {
    const heardIn = detectedAt(pack, offset);
    const rejected = own.filter((heard) => !heardIn(heard).includes(heard.clip.label)).length;
    const accepted = heardAtAll.flatMap(heardIn).filter((name) => only === undefined || name === only).length;
    return { offset, falseRejects: rejected / own.length, falseAcceptsPerHour: accepted / hours };
  });
}

/**
 * The keywords that are detected in a clip where all thresholds are moved by `offset` logits, with the second look's verdicts where
 * the clip was heard with them.
 */
export function detectedAt(pack: ModelPack, offset: number): (heard: Labelled) => string[] {
  const keywords = pack.keywords.map((keyword) => ({
    ...keyword,
    threshold: moved(keyword.threshold, offset),
  }));
  return ({ positions, verdicts }) => detected(pack, keywords, positions, verdicts);
}

/** The keywords that a detector with these thresholds hears in smoothed posteriors. */
function detected(
  pack: ModelPack,
  keywords: readonly KeywordSettings[],
  positions: HeardInClip['positions'],
  verdicts: Labelled['verdicts'],
): string[] {
  // The posteriors are smoothed already.
  const settings = { ...pack.detector, smoothingPositions: 1 };
  const asks = verdicts === null ? null : (pack.secondLook?.keywords ?? null);
  const detector = new Detector(keywords, settings, pack.features.sampleRate, asks);
  const spacing = pack.back.positionSteps * 2 * pack.features.hopSamples;
  const row = new Float32Array(keywords.length + 1);
  const found: string[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { sample, scores } of positions) {
    if (sample > last + spacing) detector.gap();
    last = sample;
    row.set(scores, 1);
    const candidate = detector.push(sample, row, 0);
    if (!candidate) continue;
    if (asks) {
      const { keyword, keywordIndex } = candidate;
      const verdict = verdicts?.find((look) => look.sample === sample && look.keyword === keyword);
      // Nothing is known of what is below the posterior from which on there are second looks.
      if (!verdict || verdict.score < keywords[keywordIndex].threshold) continue;
      detector.accept(candidate);
    }
    found.push(candidate.keyword);
  }
  return found;
}

function moved(threshold: number, offset: number): number {
  const p = Math.min(1 - 1e-9, Math.max(1e-9, threshold));
  return 1 / (1 + ((1 - p) / p) * Math.exp(-offset));
}
