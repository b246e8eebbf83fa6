import { once } from 'node:events';
import type { BrokerSettings } from '../broker/index.js';
import { WakegateError } from '../errors.js';
import { connectorOf } from './connector.js';
import type { FleetTopics } from './topics.js';
import { type FleetOverview, FleetView } from './view.js';

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
  const connect = await connectorOf(broker, topics);
  const connection = connect({
    settings: broker,
    clientId: `wakegate-fleet-overview-${process.pid}`,
    will: nothing,
    needsVersion5: true,
    mostPerSecond: 100_000,
    subscriptions: [topics.workers, topics.satellites, topics.counts],
  });
  const view = new FleetView(topics);
  connection.on('message', (message) => view.take(message));
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
  return view.overview;
}
