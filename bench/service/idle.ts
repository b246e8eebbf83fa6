import { setTimeout as sleep } from 'node:timers/promises';
import { type Line, quietRoom } from '../measure.js';
import { subscribe } from './event-stream.js';
import { MeasuredProcess } from './measured-process.js';

const WARM_UP_SECONDS = 10;
const ROUNDS = 5;
const ROUND_SECONDS = 20;

/** A server with one subscriber and nothing to do, against the pipeline alone; both at the same time. */
export async function benchIdle(): Promise<Line[]> {
  const hears = quietRoom((WARM_UP_SECONDS + ROUNDS * ROUND_SECONDS + 10) * 16_000);
  const alone = await MeasuredProcess.start({ kind: 'pipeline', hears });
  const serving = await MeasuredProcess.start({ hears });
  try {
    const socket = await subscribe(serving.url, () => {});
    await sleep(WARM_UP_SECONDS * 1000);
    const costs: { alone: number; serving: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = [await alone.usage(), await serving.usage()];
      await sleep(ROUND_SECONDS * 1000);
      const after = [await alone.usage(), await serving.usage()];
      const [aloneMs, servingMs] = after.map(({ cpuMs }, n) => (cpuMs - before[n].cpuMs) / ROUND_SECONDS);
      costs.push({ alone: aloneMs, serving: servingMs });
    }
    socket.close();
    costs.sort((a, b) => a.serving - a.alone - (b.serving - b.alone));
    const median = costs[ROUNDS >> 1];
    return [
      {
        name: 'idle server with one subscriber, over the pipeline alone',
        value: Math.max(0, median.serving - median.alone),
        unit: 'ms/s',
        bar: { atMost: 0.3 },
        detail:
          `${median.serving.toFixed(2)} / ${median.alone.toFixed(2)} ms of CPU per second of quiet room, ` +
          `median of ${ROUNDS} times ${ROUND_SECONDS} s`,
      },
    ];
  } finally {
    await Promise.all([alone.stop(), serving.stop()]);
  }
}
