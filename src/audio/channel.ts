import { MAX_CHANNELS } from './codecs/mono.js';

const NAMES: Readonly<Record<string, number>> = { mix: 0, left: 1, right: 2 };

/**
 * A channel as people write it: its number, counted from 1, `left`, `right`, or `mix` for the mean of all.
 *
 * @returns its number, 0 for the mean of all, or null for what cannot be
 */
export function channelOf(text: string): number | null {
  if (Object.hasOwn(NAMES, text)) return NAMES[text];
  const channel = Number(text);
  return /^[0-9]+$/.test(text) && channel <= MAX_CHANNELS ? channel : null;
}
