import type { Tally, ThresholdForecast } from '../client/index.js';
import { T } from './strings.js';

export type Span = ThresholdForecast['spans'][number];

export interface ForecastLine {
  readonly span: Span['span'];
  readonly since: string | null;
  /** What would be other, each in words, and whether that is better or worse; empty where nothing would. */
  readonly changes: readonly { readonly text: string; readonly tone: 'good' | 'bad' | 'plain' }[];
  /** How many were detected, and would have been. */
  readonly detections: readonly [now: number, would: number];
  /** Of what is not sure, in words; null where all is. */
  readonly unsure: string | null;
}

/** What another threshold would have done, in words. */
export function forecastLines({ spans }: ThresholdForecast): ForecastLine[] {
  return spans.map(({ span, since, now, would }) => ({
    span,
    since,
    changes: changesOf(now, would),
    detections: [now.detections, would.detections],
    unsure: would.unsure > 0 ? T.thresholds.unsure(would.unsure) : null,
  }));
}

function changesOf(now: Tally, would: Tally): ForecastLine['changes'] {
  const { fewer, more } = T.thresholds;
  const falseAccepts = would.falseAccepts - now.falseAccepts;
  const misses = would.misses - now.misses;
  // What has a label is counted as that, and the rest as detections.
  const others = would.detections - now.detections - falseAccepts + misses;
  const change = (count: number, noun: (count: number) => string, isBad: boolean | null) => {
    const text = `${count < 0 ? fewer(-count) : more(count)} ${noun(Math.abs(count))}`;
    const tone =
      isBad === null ? ('plain' as const) : count > 0 === isBad ? ('bad' as const) : ('good' as const);
    return count === 0 ? [] : [{ text, tone }];
  };
  return [
    ...change(falseAccepts, T.thresholds.falseAccepts, true),
    ...change(misses, T.thresholds.misses, true),
    ...change(others, T.thresholds.detections, null),
  ];
}
