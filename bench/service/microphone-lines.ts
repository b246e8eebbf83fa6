import type { DaemonEvent } from '../../src/protocol/index.js';
import type { Line } from '../measure.js';
import { detectionsAmong } from './event-stream.js';
import { type Detections, isSame } from './words.js';

/**
 * Whether the microphone has lost samples.
 *
 * @param recorder what the recorder itself was hindered by
 */
export function gapsLine(
  part: string,
  { gaps, restarts }: { readonly gaps: number; readonly restarts: number },
  recorder: string,
): Line {
  return {
    name: `${part}: gaps in the microphone meanwhile`,
    value: gaps + restarts,
    unit: '',
    bar: { atMost: 0 },
    detail: `jumps of the sample clock, and restarts; the recorder ${recorder}`,
  };
}

/** Whether the microphone's words were detected, to the sample and the digit, as they are by themselves. */
export function sameDetectionsLine(
  name: string,
  heard: readonly DaemonEvent[],
  detections: Detections,
): Line {
  return {
    name,
    value: Number(isSame(detectionsAmong(heard), detections)),
    unit: '',
    bar: { atLeast: 1 },
    detail: `${detections.length} words, to the sample`,
  };
}
