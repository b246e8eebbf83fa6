import type { Line } from '../measure.js';
import { startFleet } from './simulated-fleet.js';
import { compare, until } from './simulated-satellite.js';
import { fleetPack, wordStreams } from './streams.js';

const SATELLITES = 20;
const WORKERS = 3;
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 300);
const WORKER_MS = 10_000;
const BROKER_MS = 60_000;
const BROKER_AWAY_MS = 1000;

/** A worker is killed every ten seconds, and the broker every minute, while twenty rooms say words. */
export async function benchChaos(): Promise<Line[]> {
  const pack = await fleetPack();
  const words = await wordStreams(pack, 40);
  const fleet = await startFleet(pack, { workers: WORKERS, satellites: SATELLITES });
  const { broker, workers, satellites } = fleet;
  const overMs = performance.now() + SECONDS * 1000;
  const away: { readonly fromMs: number; toMs: number }[] = [];
  const killed = { workers: 0, brokers: 0 };
  const isOver = () => performance.now() > overMs;
  const killWorkers = async () => {
    for (let i = 0; ; i++) {
      await until(performance.now() + WORKER_MS);
      if (isOver()) return;
      killed.workers++;
      await workers[i % WORKERS].kill();
      await workers[i % WORKERS].start();
    }
  };
  const killBroker = async () => {
    for (;;) {
      await until(performance.now() + BROKER_MS);
      if (isOver()) return;
      killed.brokers++;
      const gap = { fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
      away.push(gap);
      await broker.kill();
      await until(performance.now() + BROKER_AWAY_MS);
      await broker.start();
      gap.toMs = performance.now();
    }
  };
  const faults = new Map<string, number>();
  const result = { words: 0, lost: 0, twice: 0, whileAway: 0, lostWhileAway: 0 };
  const saying = satellites.map(async (satellite, i) => {
    await until(performance.now() + 250 * i);
    for (let n = 0; !isOver(); n++) {
      const word = words[(7 * i + n) % words.length];
      const played = await satellite.play(word);
      const { lost, twice } = compare(word, played);
      // Said while the broker was up: from its first handoff to its end.
      const fromMs = played.beganMs + word.handoffs[0].atMs;
      const toMs = played.beganMs + word.handoffs.at(-1)!.atMs;
      const isAway = away.some((gap) => gap.fromMs < toMs && gap.toMs > fromMs);
      result.words++;
      result.twice += twice;
      for (const fault of played.faults) faults.set(fault, (faults.get(fault) ?? 0) + 1);
      if (isAway) {
        result.whileAway++;
        result.lostWhileAway += lost;
      } else result.lost += lost;
    }
  });
  await Promise.all([killWorkers(), killBroker(), ...saying]);
  const again = satellites.reduce((sum, { counts }) => sum + counts.again, 0);
  await fleet.stop();
  const detail = `${result.words} words of ${SATELLITES} satellites in ${SECONDS} s; ${killed.workers} workers and ${killed.brokers} brokers killed, ${again} handoffs sent again; ${result.whileAway} words said while the broker was away, ${result.lostWhileAway} of them lost; ${[...faults].map(([fault, times]) => `${times} x ${fault}`).join('; ')}`;
  return [
    {
      name: 'chaos: words lost that were said while a broker was up',
      value: result.lost,
      unit: '',
      bar: { atMost: 0 },
      detail,
    },
    { name: 'chaos: words told twice', value: result.twice, unit: '', bar: { atMost: 0 }, detail: '' },
  ];
}
