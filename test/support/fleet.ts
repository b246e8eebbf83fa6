import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { readBrokerSettings } from '../../src/broker/index.js';
import type { Daemon } from '../../src/daemon/index.js';
import { fleetTopicsOf } from '../../src/fleet/topics.js';
import { FleetWorker, type FleetWorkerOptions, WorkerPacks } from '../../src/fleet/worker-index.js';
import type { Mosquitto } from './mosquitto.js';
import { voice } from './signals.js';

export const FLEET_TOPICS = fleetTopicsOf({ fleetPrefix: 'wakegate-fleet' });

/** A worker with the packs of a folder, until the test is over. */
export async function startWorker(
  t: Pick<TestContext, 'after'>,
  broker: Pick<Mosquitto, 'url'>,
  name: string,
  models: string,
  options: Partial<FleetWorkerOptions> = {},
  logger: Logger = pino({ level: 'silent' }),
): Promise<FleetWorker> {
  const worker = new FleetWorker({
    broker: await readBrokerSettings({ mqttUrl: broker.url }, {}),
    topics: FLEET_TOPICS,
    name,
    group: 'wakegate',
    packs: new WorkerPacks([models], () => {}),
    backend: 'wasm',
    idleMs: 60_000,
    logger,
    ...options,
  });
  t.after(() => worker.stop());
  await worker.start();
  return worker;
}

/** What a stream of its own detects in sound that is like a voice. Rejects where a handoff got no answer. */
export async function heardBy(daemon: Pick<Daemon, 'openStream'>): Promise<object[]> {
  const { push, finish, heard } = await openStream(daemon);
  await push(voice(16_000, 2));
  await finish();
  return heard;
}

/** A stream of its own, what to send it with, and what it has detected so far. */
export async function openStream(daemon: Pick<Daemon, 'openStream'>) {
  const stream = await daemon.openStream({ rate: 16_000, channels: 1, channel: 0 });
  const heard: object[] = [];
  stream.events.on('event', (event) => {
    if (event.type === 'detection') heard.push([event.keyword, event.score, event.sample]);
  });
  const push = (samples: Int16Array) =>
    stream.push(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  return { push, finish: () => stream.finish(), heard };
}

/**
 * A satellite with `classifier: auto`, and a daemon that is alone, hear the same sound: the satellite by itself until `startWorker` has
 * started a worker, and through that from then on. Both must detect the same.
 *
 * @param meanwhile checks what is said while there is no worker
 */
export async function hearAcrossFallback(
  satellite: Daemon,
  alone: Daemon,
  meanwhile: () => void,
  startWorker: () => Promise<FleetWorker>,
): Promise<void> {
  const streams = await Promise.all([satellite, alone].map((daemon) => openStream(daemon)));
  const sound = voice(16_000, 3);
  const push = (from: number, to: number) =>
    Promise.all(streams.map((stream) => stream.push(sound.subarray(from, to))));
  await push(0, 24_000);
  while (satellite.status().classifier.answered === 0) await pause(20);
  meanwhile();
  const worker = await startWorker();
  for (let from = 24_000; worker.counts.answered === 0; from += 1600) {
    await push(from % 48_000, (from % 48_000) + 1600);
    await pause(20);
  }
  await Promise.all(streams.map((stream) => stream.finish()));
  assert.ok(streams[1].heard.length > 0);
  assert.deepEqual(streams[0].heard, streams[1].heard);
}
