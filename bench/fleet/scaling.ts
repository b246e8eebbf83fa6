import type { ModelPack } from '../../src/model/index.js';
import type { Line } from '../measure.js';
import { CpuShare } from './cpu-share.js';
import { processCpuMs } from './process-cpu.js';
import { startFleet } from './simulated-fleet.js';
import { until } from './simulated-satellite.js';
import { fleetPack, wordStreams } from './streams.js';

const SECONDS = 8;
const ROUNDS = 3;
const SATELLITES = 8;
/** Handoffs that each satellite has under way. */
const UNDER_WAY = 16;
/** So many that a worker, which remembers its last windows, seldom has the one that another continues. */
const WORDS = 60;
/** Of a core, for each worker. */
const SHARE = 0.25;

/**
 * How many handoffs a second one worker answers, and two. Workers stand for machines of their own, but here they share two cores with the
 * broker and the satellites: left alone, one worker has a core for itself, and two have what the others leave of two, so that the ratio
 * would say what broker and satellites take. So each worker is a machine of a quarter of a core, by a control group of Linux, and the
 * others have the room that they need in both measurements. A window that continues one that the worker remembers costs it less: among
 * hundreds of rooms there is seldom such a one, so handoffs come in no order, and then once in that of their streams. What is left is
 * what the fleet itself does: the ratio is 2 where windows reach both workers in time and cost each as much as they cost one.
 */
export async function benchScaling(): Promise<Line[]> {
  const pack = await fleetPack();
  const handoffs = (await wordStreams(pack, WORDS)).flatMap((stream) => stream.handoffs);
  const ratios: number[] = [];
  let last: Measured = { rates: [0, 0], costs: '' };
  for (let round = 0; round < ROUNDS; round++) {
    last = await oneAndTwo(pack, handoffs, scattered);
    ratios.push(ratioOf(last));
  }
  const sorted = [...ratios].sort((a, b) => a - b);
  const inOrder = await oneAndTwo(pack, handoffs, (n) => n);
  return [
    {
      name: 'handoffs a second of two workers, over those of one',
      value: sorted[(ROUNDS - 1) / 2],
      unit: 'x',
      bar: { atLeast: 1.6 },
      detail: `median of ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; the last ${textOf(last)}; each worker is held to ${SHARE} of a core, and handoffs come in no order`,
    },
    {
      name: 'the same with handoffs in the order of their streams',
      value: ratioOf(inOrder),
      unit: 'x',
      detail: `${textOf(inOrder)}; one worker has the window before the next one, and needs less for it; of two, the other one may have it`,
    },
  ];
}

interface Measured {
  /** Handoffs a second of one worker, and of two. */
  readonly rates: readonly number[];
  readonly costs: string;
}

function ratioOf({ rates: [one, two] }: Measured): number {
  return two / one;
}

function textOf({ rates: [one, two], costs }: Measured): string {
  return `${two.toFixed(0)} / ${one.toFixed(0)} a second; ${costs}`;
}

/** In no order, the same each time. */
function scattered(n: number): number {
  let mixed = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

async function oneAndTwo(
  pack: ModelPack,
  handoffs: readonly { readonly message: Uint8Array }[],
  order: (n: number) => number,
): Promise<Measured> {
  const rates: number[] = [];
  let costs = '';
  for (const count of [1, 2]) {
    const fleet = await startFleet(pack, { workers: count, satellites: SATELLITES });
    const { broker, workers, satellites } = fleet;
    const shares = workers.map(({ pid }) => CpuShare.hold(pid, SHARE));
    const answered = () => satellites.reduce((sum, one) => sum + one.counts.answered, 0);
    let [isOver, next] = [false, 0];
    const sending = satellites.flatMap(({ classifier }) =>
      Array.from({ length: UNDER_WAY }, async () => {
        while (!isOver)
          await classifier.classify(handoffs[order(next++) % handoffs.length].message).catch(() => {});
      }),
    );
    await until(performance.now() + 2000);
    const cpu = () => ({
      broker: processCpuMs(broker.pid),
      satellites: processCpuMs(process.pid),
      workers: workers.map(({ pid }) => processCpuMs(pid)),
    });
    const [before, fromMs, cpuBefore] = [answered(), performance.now(), cpu()];
    await until(fromMs + SECONDS * 1000);
    const [handoffsAnswered, cpuAfter] = [answered() - before, cpu()];
    const tookMs = performance.now() - fromMs;
    rates.push((1000 * handoffsAnswered) / tookMs);
    const each = (after: number, before: number) => ((after - before) / handoffsAnswered).toFixed(3);
    const spent = cpuAfter.workers.map((after, i) => after - cpuBefore.workers[i]);
    const worker = (spent.reduce((sum, one) => sum + one, 0) / handoffsAnswered).toFixed(3);
    costs = `CPU of a handoff: worker ${worker} ms, broker ${each(cpuAfter.broker, cpuBefore.broker)} ms, satellites ${each(cpuAfter.satellites, cpuBefore.satellites)} ms; workers used ${spent.map((ms) => (ms / tookMs).toFixed(2)).join(' and ')} of a core`;
    isOver = true;
    await Promise.all(sending);
    await fleet.stop();
    for (const share of shares) share.end();
  }
  return { rates, costs };
}
