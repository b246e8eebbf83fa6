import { once } from 'node:events';
import { BrokerConnection, type BrokerSettings } from '../broker/index.js';
import { WakegateError } from '../errors.js';
import {
  readPresence,
  type SatelliteCounts,
  type SatellitePresence,
  type WorkerCounts,
  type WorkerPresence,
} from './presence.js';
import type { FleetTopics } from './topics.js';

/** Who is there, with the newest counts of each; null where none were published yet. */
export interface FleetOverview {
  readonly workers: readonly (WorkerPresence & { readonly counts: WorkerCounts | null })[];
  readonly satellites: readonly (SatellitePresence & { readonly counts: SatelliteCounts | null })[];
}

const PATIENCE_MS = 10_000;
/** What is retained comes at once after the subscription. */
const RETAINED_MS = 700;

/**
 * What a broker knows of a fleet.
 *
 * @throws WakegateError WG_BROKER_UNREACHABLE
 */
export async function readFleet(broker: BrokerSettings, topics: FleetTopics): Promise<FleetOverview> {
  const nothing = { topic: `${topics.prefix}/nothing`, payload: '', qos: 0 as const };
  const connection = new BrokerConnection({
    settings: broker,
    clientId: `wakegate-fleet-overview-${process.pid}`,
    will: nothing,
    needsVersion5: true,
    mostPerSecond: 100_000,
    subscriptions: [topics.workers, topics.satellites, topics.counts],
  });
  const workers = new Map<string, WorkerPresence>();
  const satellites = new Map<string, SatellitePresence>();
  const workerCounts = new Map<string, WorkerCounts>();
  const satelliteCounts = new Map<string, SatelliteCounts>();
  connection.on('message', ({ topic, payload }) => {
    const about = topics.about(topic);
    if (about === null || payload.length === 0) return;
    const { kind, name } = about;
    if (kind === 'worker') keep(workers, name, readPresence(kind, payload));
    else if (kind === 'satellite') keep(satellites, name, readPresence(kind, payload));
    else if (kind === 'workerCounts') keep(workerCounts, name, readPresence(kind, payload));
    else keep(satelliteCounts, name, readPresence(kind, payload));
  });
  const alive = setInterval(() => {}, PATIENCE_MS);
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const down = once(connection, 'down', { signal }).then(([problem]) => {
      throw new WakegateError('WG_BROKER_UNREACHABLE', problem as string);
    });
    down.catch(() => {}); // once it is up
    const up = once(connection, 'up', { signal });
    connection.start();
    await Promise.race([up, down]);
    await new Promise((resolve) => setTimeout(resolve, RETAINED_MS));
  } finally {
    clearInterval(alive);
    await connection.stop(nothing);
  }
  const sorted = <Value>(map: Map<string, Value>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    workers: sorted(workers).map(([name, one]) => ({ ...one, counts: workerCounts.get(name) ?? null })),
    satellites: sorted(satellites).map(([name, one]) => ({
      ...one,
      counts: satelliteCounts.get(name) ?? null,
    })),
  };
}

function keep<Value>(map: Map<string, Value>, name: string, value: Value | null): void {
  if (value !== null) map.set(name, value);
}
