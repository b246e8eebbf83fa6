import type { ModelPack } from '../../src/model/index.js';
import type { Line } from '../measure.js';
import { processCpuMs } from './process-cpu.js';
import { startFleet } from './simulated-fleet.js';
import { until } from './simulated-satellite.js';
import { fleetPack, wordStreams } from './streams.js';

const SECONDS = 8;
const ROUNDS = 3;
const SATELLITES = 8;
/** Handoffs that each satellite has under way. */
const UNDER_WAY = 16;

/** How many handoffs a second one worker answers, and two, each on a core of its own: one alone would use both. */
export async function benchScaling(): Promise<Line[]> {
  const pack = await fleetPack();
  const handoffs = (await wordStreams(pack, 10)).flatMap((stream) => stream.handoffs);
  const ratios: number[] = [];
  let last = { rates: [0, 0], costs: '' };
  for (let round = 0; round < ROUNDS; round++) {
    last = await oneAndTwo(pack, handoffs);
    ratios.push(last.rates[1] / last.rates[0]);
  }
  const sorted = [...ratios].sort((a, b) => a - b);
  return [
    {
      name: 'handoffs a second of two workers, over those of one',
      value: sorted[(ROUNDS - 1) / 2],
      unit: 'x',
      bar: { atLeast: 1.6 },
      detail: `median of ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; the last ${last.rates[1].toFixed(0)} / ${last.rates[0].toFixed(0)} a second; ${last.costs}; each worker has a core of its own, which it shares with the broker and the satellites`,
    },
  ];
}

async function oneAndTwo(pack: ModelPack, handoffs: readonly { readonly message: Uint8Array }[]) {
  const rates: number[] = [];
  let costs = '';
  for (const count of [1, 2]) {
    const fleet = await startFleet(pack, { workers: count, satellites: SATELLITES, isPinned: true });
    const { broker, workers, satellites } = fleet;
    const answered = () => satellites.reduce((sum, one) => sum + one.counts.answered, 0);
    let isOver = false;
    const sending = satellites.flatMap(({ classifier }, i) =>
      Array.from({ length: UNDER_WAY }, async (_, lane) => {
        for (let n = i + lane; !isOver; n++)
          await classifier.classify(handoffs[n % handoffs.length].message).catch(() => {});
      }),
    );
    await until(performance.now() + 2000);
    const cpu = () => ({
      broker: processCpuMs(broker.pid),
      workers: workers.reduce((sum, { pid }) => sum + processCpuMs(pid), 0),
    });
    const [before, fromMs, cpuBefore] = [answered(), performance.now(), cpu()];
    await until(fromMs + SECONDS * 1000);
    const [handoffsAnswered, cpuAfter] = [answered() - before, cpu()];
    rates.push((1000 * handoffsAnswered) / (performance.now() - fromMs));
    costs = `CPU of a handoff: worker ${((cpuAfter.workers - cpuBefore.workers) / handoffsAnswered).toFixed(2)} ms, broker ${((cpuAfter.broker - cpuBefore.broker) / handoffsAnswered).toFixed(3)} ms`;
    isOver = true;
    await Promise.all(sending);
    await fleet.stop();
  }
  return { rates, costs };
}
