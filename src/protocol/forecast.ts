import type { KeywordPeaks, ScorePeak, Tally, ThresholdForecast } from './peaks.js';

const SPANS_MS = { hour: 3_600_000, day: 86_400_000 };

type Rules = Pick<KeywordPeaks, 'ask' | 'rearmRatio'>;

/** Says what a keyword would have done with another threshold. @param nowMs since the epoch */
export function forecastOf(known: KeywordPeaks, threshold: number, nowMs: number): ThresholdForecast {
  const { keyword, peaks, captured, since } = known;
  const tallies = (of: readonly ScorePeak[]) => ({
    now: tallyOf(of, known.threshold, known),
    would: tallyOf(of, threshold, known),
  });
  const recent = Object.entries(SPANS_MS).map(([span, spanMs]) => {
    const fromMs = Math.max(nowMs - spanMs, Date.parse(since));
    return {
      span: span as keyof typeof SPANS_MS,
      since: new Date(fromMs).toISOString(),
      ...tallies(peaks.filter(({ heardAt }) => Date.parse(heardAt) >= nowMs - spanMs)),
    };
  });
  const all = { span: 'captures', since: captured.at(-1)?.heardAt ?? null, ...tallies(captured) } as const;
  return { keyword, threshold, current: known.threshold, spans: [...recent, all] };
}

/** Counts what a threshold does with peaks of a keyword, newest first. */
export function tallyOf(peaks: readonly ScorePeak[], threshold: number, rules: Rules): Tally {
  const tally = { detections: 0, falseAccepts: 0, misses: 0, unsure: 0 };
  const rearm = rules.rearmRatio * Math.min(rules.ask ?? 1, threshold);
  // Lowest posterior since the last detection.
  let lowest = Number.NEGATIVE_INFINITY;
  for (const peak of peaks.toReversed()) {
    const { label, valley } = peak;
    lowest = Math.min(lowest, valley);
    const verdict = verdictOf(peak, threshold, rules.ask);
    // A posterior that stays high is one word, however long.
    const isSameWord = verdict !== 'not' && lowest >= rearm;
    if (isSameWord) continue;
    if (verdict === 'unsure') tally.unsure++;
    if (verdict === 'detected') {
      tally.detections++;
      lowest = Number.POSITIVE_INFINITY;
    }
    if (verdict === 'detected' && (label === 'wrong' || label === 'other')) tally.falseAccepts++;
    if (verdict === 'not' && label === 'right') tally.misses++;
  }
  return tally;
}

function verdictOf(
  { score, posterior, second, detected }: ScorePeak,
  threshold: number,
  ask: Rules['ask'],
): 'detected' | 'not' | 'unsure' {
  if (ask === null) return score >= threshold ? 'detected' : 'not';
  if (second !== null || detected) {
    if (score >= threshold) return 'detected';
    // Nobody asked again once both had agreed: a later position might have been surer.
    return detected ? 'unsure' : 'not';
  }
  // With that threshold there would have been a second look.
  return posterior >= Math.min(ask, threshold) ? 'unsure' : 'not';
}
