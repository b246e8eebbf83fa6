import type { TestContext } from 'node:test';
import { type Logger, pino } from 'pino';
import { readBrokerSettings } from '../../src/broker/index.js';
import { fleetTopicsOf } from '../../src/fleet/topics.js';
import { FleetWorker, type FleetWorkerOptions, WorkerPacks } from '../../src/fleet/worker-index.js';
import type { Mosquitto } from './mosquitto.js';

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
