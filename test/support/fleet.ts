import type { TestContext } from 'node:test';
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
