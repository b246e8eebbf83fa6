import type { Line } from '../measure.js';
import type { Comparison } from './compare.js';

/** What is to be met: a bar on what could not be measured is not met. */
export function bars({ costs }: Pick<Comparison, 'costs'>): Line[] {
  const quiet = (engine: string) => costs[engine]?.kinds.quiet.median ?? Number.NaN;
  const [ours, openWakeWord, vad] = ['wakegate', 'openWakeWord', 'WebRTC VAD alone'].map(quiet);
  const made = (of: number, to: number) =>
    `${of.toFixed(3)} / ${to.toFixed(3)} ms of CPU per second of a quiet room`;
  return [
    {
      name: 'wakegate, quiet, from a file',
      value: ours,
      unit: 'ms/s',
      bar: { atMost: 0.5 },
      detail: 'CPU of the whole process, one core',
    },
    {
      name: 'openWakeWord / wakegate, quiet',
      value: openWakeWord / ours,
      unit: 'x',
      bar: { atLeast: 40 },
      detail: made(openWakeWord, ours),
    },
    {
      name: "wakegate / WebRTC's VAD, quiet",
      value: ours / vad,
      unit: 'x',
      bar: { atMost: 1.5 },
      detail: made(ours, vad),
    },
  ];
}
