import { connectorOf } from '../../src/fleet/connector.js';
import type { ModelPack } from '../../src/model/index.js';
import { FleetBroker } from './broker.js';
import { allUp, SimulatedSatellite, TOPICS } from './simulated-satellite.js';
import { WorkerProcess } from './worker-process.js';

/** A broker, workers in processes of their own, and satellites of recorded handoffs, all of which know each other. */
export interface SimulatedFleet {
  readonly broker: FleetBroker;
  readonly workers: readonly WorkerProcess[];
  readonly satellites: readonly SimulatedSatellite[];
  stop(): Promise<void>;
}

export async function startFleet(
  pack: ModelPack,
  count: { readonly workers: number; readonly satellites: number },
): Promise<SimulatedFleet> {
  const broker = await FleetBroker.start();
  const workers = await Promise.all(
    Array.from({ length: count.workers }, (_, i) => WorkerProcess.start(broker.url, `worker-${i}`)),
  );
  const settings = await broker.settings();
  const connect = await connectorOf(settings, TOPICS);
  const satellites = Array.from(
    { length: count.satellites },
    (_, i) => new SimulatedSatellite(pack, settings, `satellite-${i}`, { connect }),
  );
  await allUp(satellites, count.workers);
  return {
    broker,
    workers,
    satellites,
    stop: async () => {
      await Promise.all(satellites.map((satellite) => satellite.stop()));
      for (const worker of workers) await worker.kill('SIGTERM');
      await broker.stop();
    },
  };
}
