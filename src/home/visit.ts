import { once } from 'node:events';
import type { MqttSettings } from '../bridges/mqtt/index.js';
import { BrokerConnection } from '../broker/index.js';
import { WakegateError } from '../errors.js';

/** How long the broker may take to let us in. */
const PATIENCE_MS = 10_000;

/**
 * Connects to the broker for as long as `work` takes, as a client of its own. What is retained on a subscribed topic may come before
 * `work` begins: listen in `prepare`.
 *
 * @throws WakegateError WG_BROKER_UNREACHABLE with why it cannot be reached, or does not let us in; whatever `work` throws
 */
export async function visitBroker<Result>(
  { broker, topics }: MqttSettings,
  subscriptions: readonly string[],
  prepare: (connection: BrokerConnection) => void,
  work: (connection: BrokerConnection) => Promise<Result>,
): Promise<Result> {
  // A connection must have a will: an empty message that nobody keeps.
  const nothing = { topic: `${topics.base}/home`, payload: '' };
  const clientId = `wakegate-home-${process.pid}`;
  const connection = new BrokerConnection({ settings: broker, clientId, will: nothing, subscriptions });
  prepare(connection);
  // It keeps this process running, which the connection itself does not.
  const alive = setInterval(() => {}, PATIENCE_MS);
  try {
    await letIn(connection);
    return await work(connection);
  } finally {
    clearInterval(alive);
    await connection.stop(nothing);
  }
}

async function letIn(connection: BrokerConnection): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const down = once(connection, 'down', { signal }).then(([problem]) => {
    throw new WakegateError('WG_BROKER_UNREACHABLE', problem as string);
  });
  down.catch(() => {}); // once it is up
  const up = once(connection, 'up', { signal });
  connection.start();
  await Promise.race([up, down]);
}
