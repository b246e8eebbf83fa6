import { setTimeout as pause } from 'node:timers/promises';
import { discoveryPlaceOf, type MqttSettings } from '../bridges/mqtt/index.js';
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
  const filters = [`${settings.topics.base}/#`, ...discoveryPlaceOf(settings).filters];
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
      for (const topic of retained) connection.publish({ topic, payload: '', retain: true });
      while (connection.counts.waiting > 0 && connection.isUp) await pause(20);
      return [...retained];
    },
  );
}
