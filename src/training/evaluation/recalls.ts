import { SAMPLE_RATE } from '../../audio/index.js';
import { type BalancedAccuracy, balancedAccuracy, type Recall } from './balanced-accuracy.js';
import { groupedBy, mapped } from './groups.js';
import { type Heard, sum } from './rates.js';

/**
 * Balanced accuracy over each keyword, other words, and noise second by second. A clip counts as its first detection. Null where there
 * are no clips of one of these.
 */
export function accuracyOverClasses(
  keywords: readonly Heard[],
  others: readonly Heard[],
  noise: readonly Heard[],
): BalancedAccuracy | null {
  if (others.length === 0 || noise.length === 0) return null;
  const byKeyword = groupedBy(keywords, ({ label }) => label);
  return balancedAccuracy({
    ...mapped(byKeyword, (heard) => recallOf(heard, ({ clip, keywords }) => keywords[0] === clip.label)),
    'other words': recallOf(others, ({ keywords }) => keywords.length === 0),
    silence: quietSeconds(noise),
  });
}

function recallOf(heard: readonly Heard[], isRight: (heard: Heard) => boolean): Recall {
  return { right: heard.filter(isRight).length, of: heard.length };
}

/** Seconds in which nothing was detected. */
function quietSeconds(heard: readonly Heard[]): Recall {
  const seconds = heard.map(({ clip }) => Math.floor(clip.samples.length / SAMPLE_RATE));
  const loud = heard.map(
    ({ detections }) => new Set(detections.map(({ sample }) => Math.floor(sample / SAMPLE_RATE))),
  );
  return { right: sum(seconds) - sum(loud.map(({ size }) => size)), of: sum(seconds) };
}
