import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerConnection, readBrokerSettings } from '../../src/broker/index.js';
import type { TestEvent } from '../../src/protocol/index.js';
import { freePort } from '../../test/support/free-port.js';
import { Mosquitto, noMosquitto, Watcher } from '../../test/support/mosquitto.js';
import { cpuMs, type Line, quietRoom } from '../measure.js';
import { MeasuredProcess } from '../service/measured-process.js';

const DEATHS = 20;
/** A connection that lasted as long is followed by a new one soon. */
const HEALTHY_MS = 5500;
const DEAD_SECONDS = 60;
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
    return [...(await connected(broker)), ...(await dead()), ...(await deaths(t, broker))];
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

/** A connection alone, in this process: to a port where nothing listens, and to something that never answers. */
async function dead(): Promise<Line[]> {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  // The first one pays for what the process has just done.
  await sleep(5000);
  const refusedMs = await costOf(await freePort());
  const silentMs = await costOf(port);
  const idleMs = await costOf(null);
  silent.close();
  const line = (name: string, ms: number): Line => ({
    name,
    value: Math.max(0, ms - idleMs),
    unit: 'ms/s',
    bar: { atMost: 0.1 },
    detail: `${ms.toFixed(3)} ms/s over the first ${DEAD_SECONDS} s, when it is tried most often; ${idleMs.toFixed(3)} with nothing to do`,
  });
  return [line('a broker that is not there', refusedMs), line('a broker that does not answer', silentMs)];
}

/** @returns CPU time of this process, in ms/s */
async function costOf(port: number | null): Promise<number> {
  let connection: BrokerConnection | null = null;
  const last = { topic: 'bench', payload: 'offline' };
  if (port !== null) {
    const settings = await readBrokerSettings({ mqttUrl: `mqtt://127.0.0.1:${port}` }, {});
    connection = new BrokerConnection({ settings, clientId: 'bench', will: last, subscriptions: [] });
    connection.start();
    await sleep(500); // the code is compiled
  }
  const before = cpuMs();
  await sleep(DEAD_SECONDS * 1000);
  const spent = cpuMs() - before;
  await connection?.stop(last);
  return spent / DEAD_SECONDS;
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
