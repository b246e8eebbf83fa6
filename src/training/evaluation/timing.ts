import { SAMPLE_RATE } from '../../audio/index.js';
import { wordRegion } from '../corpus/word-region.js';
import type { Evaluation } from './evaluation.js';
import { type Heard, secondsOf, sum } from './rates.js';

/** From the end of a word to its detection. */
export function latency(heard: readonly Heard[]): Evaluation['latencyMs'] {
  const ms = heard
    .flatMap(({ clip, detections }) => {
      const own = detections.find(({ keyword }) => keyword === clip.label);
      return own ? [(own.sample - wordRegion(clip.samples).end) / (SAMPLE_RATE / 1000)] : [];
    })
    .sort((a, b) => a - b);
  if (ms.length === 0) return null;
  const at = (share: number) => Math.round(ms[Math.min(ms.length - 1, Math.floor(share * ms.length))]);
  return { of: ms.length, median: at(0.5), percentile95: at(0.95) };
}

/** CPU milliseconds of each stage a second of sound. */
export function cpuPerSecond(heard: readonly Heard[]): Record<string, number> {
  const seconds = secondsOf(heard);
  const stages = ['features', 'gate', 'handoff', 'classifier', 'secondLook'] as const;
  return Object.fromEntries(
    stages.map((stage) => [stage, sum(heard.map(({ cpuMs }) => cpuMs[stage])) / seconds]),
  );
}
