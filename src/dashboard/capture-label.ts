import type { Capture, Label } from '../client/index.js';

export const SHOWN_LABELS = ['none', 'right', 'wrong', 'missed', 'other'] as const;
export type ShownLabel = (typeof SHOWN_LABELS)[number];

/** A near miss that was the keyword is one that was missed. */
export function shownLabel({ kind, label }: Pick<Capture, 'kind' | 'label'>): ShownLabel {
  if (label === null) return 'none';
  return label === 'right' && kind === 'near-miss' ? 'missed' : label;
}

/** The label that a capture has, as it would be given again. */
export function labelOf({ label, word }: Capture): Label {
  return label === 'other' ? { label, word: word ?? '' } : { label };
}
