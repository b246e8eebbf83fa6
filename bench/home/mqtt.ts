import { setTimeout as sleep } from 'node:timers/promises';
import type { TestEvent } from '../../src/protocol/index.js';
import { Mosquitto, noMosquitto, Watcher } from '../../test/support/mosquitto.js';
import { type Line, quietRoom } from '../measure.js';
import { MeasuredProcess } from '../service/measured-process.js';
import { benchDeadBroker } from './dead-broker.js';

const DEATHS = 20;
/** A connection that lasted as long is followed by a new one soon. */
const HEALTHY_MS = 5500;
const WARM_UP_SECONDS = 15;
const ROUNDS = 7;
const ROUND_SECONDS = 10;

/** What a connection to a broker costs, while the broker is there, is not, and comes and goes. */
export async function benchMqtt(): Promise<Line[]> {
  if (noMosquitto) throw new Error(noMosquitto);
  const closers: (() => unknown)[] = [];
  const t = { after: (close: () => unknown) => void closers.push(close) };
  try {
    const broker = await Mosquitto.start(t);
    return [...(await connected(broker)), ...(await benchDeadBroker()), ...(await deaths(t, broker))];
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** Two daemons in a quiet room, one of them connected. */
async function connected(broker: Mosquitto): Promise<Line[]> {
  const hears = quietRoom((WARM_UP_SECONDS + ROUNDS * ROUND_SECONDS + 10) * 16_000);
  const [off, on] = await Promise.all([
    MeasuredProcess.start({ hears }),
    MeasuredProcess.start({ hears, config: { mqttUrl: broker.url, mqttName: 'bench' } }),
  ]);
  try {
    await sleep(WARM_UP_SECONDS * 1000);
    const rounds: { offMs: number; onMs: number }[] = [];
    let last = await Promise.all([off.usage(), on.usage()]);
    for (let round = 0; round < ROUNDS; round++) {
      await sleep(ROUND_SECONDS * 1000);
      const now = await Promise.all([off.usage(), on.usage()]);
      const [offMs, onMs] = now.map(({ cpuMs }, i) => (cpuMs - last[i].cpuMs) / ROUND_SECONDS);
      rounds.push({ offMs, onMs });
      last = now;
    }
    rounds.sort((a, b) => a.onMs - a.offMs - (b.onMs - b.offMs));
    const { offMs, onMs } = rounds[ROUNDS >> 1];
    const [offMb, onMb] = last.map(({ residentBytes }) => residentBytes / 2 ** 20);
    return [
      {
        name: 'memory of the daemon, connected and asleep',
        value: onMb,
        unit: 'MB',
        bar: { atMost: 95 },
        detail: `${offMb.toFixed(1)} MB without MQTT`,
      },
      {
        name: 'connected, over not connected',
        value: Math.max(0, onMs - offMs),
        unit: 'ms/s',
        bar: { atMost: 0.2 },
        detail: `${onMs.toFixed(2)} / ${offMs.toFixed(2)} ms of CPU per second of quiet room, median of ${ROUNDS} times ${ROUND_SECONDS} s`,
      },
    ];
  } finally {
    await Promise.all([off.stop(), on.stop()]);
  }
}

/** A daemon with a microphone, whose broker is killed again and again: what it reports while there is one arrives, once. */
async function deaths(t: { after(close: () => unknown): void }, broker: Mosquitto): Promise<Line[]> {
  const config = { mqttUrl: broker.url, mqttName: 'bench', mqttDiscovery: 'entity' } as const;
  const daemon = await MeasuredProcess.start({ hears: quietRoom(10 * 16_000), config });
  const waits: number[] = [];
  let lost = 0;
  let twice = 0;
  try {
    for (let death = 0; death < DEATHS; death++) {
      await broker.kill();
      await sleep(500);
      await broker.start();
      const startedMs = performance.now();
      const watcher = await Watcher.start(t, broker);
      await watcher.message('wakegate/bench/availability', (payload) => payload === 'online');
      waits.push((performance.now() - startedMs) / 1000);
      const answer = await fetch(`${daemon.url}/v1/test?fire=true`, { method: 'POST' });
      const { sequence } = (await answer.json()) as TestEvent;
      await sleep(HEALTHY_MS);
      const arrived = watcher.seen.filter(({ topic, payload }) => {
        return topic === 'wakegate/bench/detection' && JSON.parse(payload).sequence === sequence;
      });
      if (arrived.length === 0) lost++;
      if (arrived.length > 1) twice++;
      watcher.close();
    }
    const { input } = await daemon.status();
    waits.sort((a, b) => a - b);
    const detail = `broker killed ${DEATHS} times`;
    return [
      { name: 'words that did not arrive', value: lost, unit: '', bar: { atMost: 0 }, detail },
      { name: 'words that arrived twice', value: twice, unit: '', bar: { atMost: 0 }, detail },
      { name: 'gaps of the microphone', value: input.gaps, unit: '', bar: { atMost: 0 }, detail },
      {
        name: 'connected again',
        value: waits[waits.length >> 1],
        unit: 's',
        detail: `median after the broker has started, longest ${waits.at(-1)!.toFixed(1)} s; ${detail}`,
      },
    ];
  } finally {
    await daemon.stop();
  }
}
