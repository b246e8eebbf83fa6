import { setTimeout as sleep } from 'node:timers/promises';
import { bundledWords, inQuiet } from '../daemon/words.js';
import type { Line } from '../measure.js';
import { MeasuredProcess } from '../service/measured-process.js';
import { FleetBroker } from './broker.js';
import { WorkerProcess } from './worker-process.js';

/** With a word at its start, for which the daemon's classifier wakes, and ten seconds until it sleeps again. */
const WARM_UP_SECONDS = 25;
const ROUNDS = 3;
const ROUND_SECONDS = 15;

/** A satellite in a quiet room, against a daemon with its own classifier, asleep after a word; both at the same time. */
export async function benchFootprint(): Promise<Line[]> {
  const broker = await FleetBroker.start();
  const worker = await WorkerProcess.start(broker.url, 'one');
  const [word] = await bundledWords();
  const hears = inQuiet(word, 3, WARM_UP_SECONDS + ROUNDS * ROUND_SECONDS + 10);
  const daemon = await MeasuredProcess.start({ hears });
  const satellite = await MeasuredProcess.start({
    hears,
    config: { classifier: broker.url, mqttName: 'kitchen' },
  });
  try {
    await sleep(WARM_UP_SECONDS * 1000);
    const rounds: { daemon: number; satellite: number }[] = [];
    let resident = { daemon: 0, satellite: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const before = [await daemon.usage(), await satellite.usage()];
      await sleep(ROUND_SECONDS * 1000);
      const after = [await daemon.usage(), await satellite.usage()];
      const [one, other] = after.map(({ cpuMs }, i) => (cpuMs - before[i].cpuMs) / ROUND_SECONDS);
      rounds.push({ daemon: one, satellite: other });
      resident = { daemon: after[0].residentBytes, satellite: after[1].residentBytes };
    }
    rounds.sort((a, b) => a.satellite / a.daemon - b.satellite / b.daemon);
    const median = rounds[ROUNDS >> 1];
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    return [
      {
        name: "a satellite's memory over the daemon's, its classifier asleep",
        value: resident.satellite / resident.daemon,
        unit: 'x',
        bar: { atMost: 1 },
        detail: `${megabytes(resident.satellite)} / ${megabytes(resident.daemon)} MB resident`,
      },
      {
        name: "a satellite's CPU in a quiet room over the daemon's",
        value: median.satellite / median.daemon,
        unit: 'x',
        bar: { atMost: 1.2 },
        detail: `${median.satellite.toFixed(2)} / ${median.daemon.toFixed(2)} ms a second, median of ${ROUNDS} times ${ROUND_SECONDS} s`,
      },
    ];
  } finally {
    await Promise.all([daemon.stop(), satellite.stop()]);
    await worker.kill('SIGTERM');
    await broker.stop();
  }
}
