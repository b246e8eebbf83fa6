import { WakegateError } from '../errors.js';
import type { Capture } from '../protocol/index.js';

/** Captures of a keyword that someone has judged. */
export interface LabelledCaptures {
  /** In which it was said. */
  readonly right: readonly Capture[];
  /** In which it was not. */
  readonly wrong: readonly Capture[];
}

/** Those of all captures that a keyword can be made better with. */
export function labelledCaptures(captures: readonly Capture[], keyword: string): LabelledCaptures {
  const judged = captures.filter((capture) => capture.keyword === keyword && capture.label !== null);
  return {
    right: judged.filter(({ label }) => label === 'right'),
    wrong: judged.filter(({ label }) => label !== 'right'),
  };
}

/** @throws WakegateError WG_KEYWORD_INVALID where there are none */
export function needLabelled({ right, wrong }: LabelledCaptures, keyword: string): void {
  if (right.length + wrong.length > 0) return;
  throw new WakegateError(
    'WG_KEYWORD_INVALID',
    `no capture of ${keyword} is labelled: turn captures on, then label some as right or wrong on the page or with ` +
      'POST /v1/captures/ID/label',
  );
}
