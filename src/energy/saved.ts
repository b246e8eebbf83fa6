import type { Saved } from '../protocol/index.js';
import type { EnergyBasis } from './basis.js';

export interface SavedInputs {
  /** Of all stages. */
  readonly cpuMs: number;
  /** Of the stages that an always-on version has too: capture, features, and the front half with its gate. */
  readonly listeningCpuMs: number;
  /** Handoffs that an always-on classifier would have had. */
  readonly handoffs: number;
  /** What the classifier takes for one, measured; null where it is not known yet. */
  readonly handoffMs: number | null;
  readonly incrementalShare: number;
  readonly basis: EnergyBasis;
}

/** Null where it is not known what a handoff costs. */
export function estimateSaved(inputs: SavedInputs): Saved | null {
  const { cpuMs, listeningCpuMs, handoffs, handoffMs, incrementalShare, basis } = inputs;
  if (handoffMs === null) return null;
  const alwaysOnCpuMs = listeningCpuMs + handoffs * handoffMs * incrementalShare;
  const share =
    incrementalShare === 1 ? '' : `, of which an incremental classifier would pay ${incrementalShare}`;
  return {
    alwaysOnCpuMs,
    cpuMs,
    ratio: cpuMs === 0 ? 1 : alwaysOnCpuMs / cpuMs,
    energyMj: basis.energyMj(alwaysOnCpuMs - cpuMs),
    basis: basis.name,
    how:
      'Compared with an always-on classifier, without wake-ups and the coding of handoffs: capture, features and front half ' +
      `as measured, and ${handoffs} handoffs at ${handoffMs.toFixed(3)} ms, the mean of those that were measured${share}.`,
  };
}
