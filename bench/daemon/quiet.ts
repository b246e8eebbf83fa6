import { type Line, quietRoom } from '../measure.js';
import { besideBareReader } from './beside-bare-reader.js';

/** Long enough for V8 to have tidied up its heap after the start, which it does twice, some 10 s later. */
const SETTLE_SECONDS = 30;

/** What the whole daemon costs in a quiet room, compared with a program that only reads the same pipe as it fills. */
export async function benchQuiet(model: string, seconds = 60): Promise<Line[]> {
  const samples = quietRoom((SETTLE_SECONDS + seconds + 30) * 16_000);
  const { daemon, bare } = await besideBareReader(model, { samples, settleSeconds: SETTLE_SECONDS, seconds });
  return [
    {
      name: 'quiet: wake-ups a second',
      value: daemon.waits,
      unit: '/s',
      bar: { atMost: 5 },
      detail: `voluntary context switches of all threads, over ${seconds} s; the bare reader: ${bare.waits.toFixed(1)}`,
    },
    {
      name: 'quiet: CPU, share of a bare reader',
      value: daemon.cpuMs / bare.cpuMs,
      unit: '',
      bar: { atMost: 0.6 },
      detail: `${daemon.cpuMs.toFixed(2)} and ${bare.cpuMs.toFixed(2)} ms a second`,
    },
  ];
}
