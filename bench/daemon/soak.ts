import { setTimeout as sleep } from 'node:timers/promises';
import type { EnergyAccount } from '../../src/energy/index.js';
import type { Status } from '../../src/protocol/index.js';
import { type Line, quietRoom } from '../measure.js';
import { LiveDaemon, residentMb } from './live-daemon.js';
import { bundledWords } from './words.js';

const HOUR = 3600 * 16_000;
/** A classifier that answers is a thread of its own, and may be this much behind when the audio floods in. */
const SAME_PLACE = 16_000;

/** Hours of audio through the real pipe as fast as it goes, with a word each minute. */
export async function benchSoak(model: string, hours = 24): Promise<Line[]> {
  const words = await bundledWords();
  const samples = quietRoom(HOUR);
  for (let minute = 0; minute < 60; minute++) {
    samples.set(words[minute % words.length].samples, (minute * 60 + 20) * 16_000);
  }
  const daemon = new LiveDaemon({ samples, times: hours, pace: 'flood' }, model);
  try {
    const startMs = performance.now();
    let afterFirstHour = 0;
    let latest = 0;
    let heard = 0;
    for (let idle = 0; heard < hours * HOUR && idle < 60; ) {
      await sleep(1000);
      const before = heard;
      heard = await samplesHeard(daemon).catch(() => heard);
      idle = heard === before ? idle + 1 : 0;
      if (idle > 0) continue;
      // While the audio floods in the classifier is awake all along, so that like is compared with like.
      latest = residentMb(daemon.pid);
      if (afterFirstHour === 0 && heard >= HOUR) afterFirstHour = latest;
    }
    const speed = (heard / 16 / (performance.now() - startMs)).toFixed(0);
    const { input } = await daemon.get<Status>('/v1/status');
    const first = daemon.detections.filter(({ sample }) => sample < HOUR);
    const missing = Array.from({ length: hours - 1 }, (_, i) => (i + 1) * HOUR).flatMap((begin) =>
      first.filter(
        ({ keyword, sample }) =>
          !daemon.detections.some(
            (later) => later.keyword === keyword && Math.abs(later.sample - begin - sample) < SAME_PLACE,
          ),
      ),
    ).length;
    return [
      {
        name: 'soak: memory after the first hour',
        value: latest - afterFirstHour,
        unit: 'MB more',
        bar: { atMost: 5 },
        detail: `${afterFirstHour.toFixed(1)} MB then; ${hours} h at ${speed} times the pace of sound`,
      },
      {
        name: 'soak: samples that the clock is off',
        value: Math.abs(hours * HOUR - heard),
        unit: '',
        bar: { atMost: 0 },
        detail: `${heard} samples heard, ${input.gaps} gaps`,
      },
      {
        name: 'soak: detections of the first hour missed later',
        value: missing,
        unit: '',
        bar: { atMost: 0 },
        detail: `${first.length} in the first hour, ${daemon.detections.length} in all`,
      },
      {
        name: 'soak: gaps',
        value: input.gaps,
        unit: '',
        bar: { atMost: 0 },
        detail: 'in the numbers of the samples',
      },
    ];
  } finally {
    await daemon.stop();
  }
}

async function samplesHeard(daemon: LiveDaemon): Promise<number> {
  const { stages } = await daemon.get<EnergyAccount>('/v1/energy');
  return stages.capture.bytesIn / 2;
}
