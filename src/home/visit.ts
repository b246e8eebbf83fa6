import type { MqttSettings } from '../bridges/mqtt/index.js';
import { BrokerConnection } from '../broker/index.js';
import { WakegateError } from '../errors.js';

/** How long the broker may take to let us in: whoever waits in front of a terminal waits no longer. */
export const PATIENCE_MS = 10_000;

/**
 * Connects to the broker for as long as `work` takes, as a client of its own. What is retained on a subscribed topic may come before
 * `work` begins: listen in `prepare`.
 *
 * @param patienceMs how long the broker may take to let us in
 * @throws WakegateError WG_BROKER_UNREACHABLE with why it cannot be reached, or does not let us in; whatever `work` throws
 */
export async function visitBroker<Result>(
  { broker, topics }: MqttSettings,
  subscriptions: readonly string[],
  prepare: (connection: BrokerConnection) => void,
  work: (connection: BrokerConnection) => Promise<Result>,
  patienceMs = PATIENCE_MS,
): Promise<Result> {
  // A connection must have a will: an empty message that nobody keeps.
  const nothing = { topic: `${topics.base}/home`, payload: '' };
  const clientId = `wakegate-home-${process.pid}`;
  const connection = new BrokerConnection({
    settings: broker,
    clientId,
    will: nothing,
    subscriptions,
    patience: { lateMs: patienceMs, mostMs: 2 * patienceMs },
  });
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
  await new Promise<void>((resolve, reject) => {
    connection.once('up', resolve);
    let isFirst = true;
    connection.on('down', (problem, mayBeVersion) => {
      // It is tried again, with the other version of MQTT.
      if (!mayBeVersion || !isFirst) reject(new WakegateError('WG_BROKER_UNREACHABLE', problem));
      isFirst = false;
    });
    connection.start();
  });
}
