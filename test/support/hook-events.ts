import type { DetectionEvent } from '../../src/protocol/index.js';

/** A detection as the daemon publishes it. */
export function detectionEvent(fields: Partial<DetectionEvent> = {}): DetectionEvent {
  return {
    type: 'detection',
    sequence: 1_790_000_000_001,
    time: '2026-11-26T23:10:04.250Z',
    keyword: 'computer',
    label: 'Computer, "the" $(one)',
    score: 0.987,
    secondLook: null,
    sample: 32_000,
    seconds: 2,
    heardAt: '2026-11-26T23:10:04.000Z',
    cost: { handoffs: 3, bytes: 812, cpuMs: 4.5, energyMj: 1.7, basis: 'none' },
    ...fields,
  };
}
