import { setTimeout as pause } from 'node:timers/promises';
import { discoveryPlaceOf, type MqttSettings } from '../bridges/mqtt/index.js';
import type { BrokerConnection } from '../broker/index.js';
import { visitBroker } from './visit.js';

/** Brokers send at once what is retained: after a second without more of it, all has come. */
const SETTLE_MS = 1000;
const MOST_TOPICS = 1000;

/**
 * Removes what the broker retains of a wakegate that is no more, or is called otherwise now, and with it its device in Home
 * Assistant.
 *
 * @returns the topics
 * @throws WakegateError WG_BROKER_UNREACHABLE
 */
export function forgetOnBroker(settings: MqttSettings): Promise<string[]> {
  const place = discoveryPlaceOf(settings);
  const filters = [`${settings.topics.base}/#`, ...place.filters];
  const retained = new Set<string>();
  return visitBroker(
    settings,
    filters,
    (connection) =>
      connection.on('message', ({ topic, retain, payload }) => {
        if (retain && payload.length > 0 && retained.size < MOST_TOPICS) retained.add(topic);
      }),
    async (connection) => {
      for (let before = -1; before < retained.size; await pause(SETTLE_MS)) before = retained.size;
      // First the entities: Home Assistant complains of a state that is empty.
      const isDescription = (topic: string) => place.isOurs(topic);
      await remove(connection, [...retained].filter(isDescription));
      await pause(SETTLE_MS);
      await remove(
        connection,
        [...retained].filter((topic) => !isDescription(topic)),
      );
      return [...retained];
    },
  );
}

async function remove(connection: BrokerConnection, topics: readonly string[]): Promise<void> {
  for (const topic of topics) connection.publish({ topic, payload: '', retain: true });
  while (connection.counts.waiting > 0 && connection.isUp) await pause(20);
}
