import { BrokerConnection, type BrokerSettings } from '../broker/index.js';
import type { Connect } from './fleet-connection.js';
import type { FleetTopics } from './topics.js';

export const connectByMqtt: Connect = (options) => new BrokerConnection(options);

/**
 * How connections to this broker are made: by MQTT, or by NATS where its address says so.
 *
 * @throws WakegateError WG_PROGRAM_MISSING where the client for NATS is not installed
 */
export async function connectorOf({ url }: BrokerSettings, topics: FleetTopics): Promise<Connect> {
  if (!isNats(url)) return connectByMqtt;
  const { connectorByNats } = await import('./nats/nats-connection.js');
  return connectorByNats(topics);
}

export function isNats(url: string): boolean {
  return /^(nats|tls):\/\//.test(url);
}
