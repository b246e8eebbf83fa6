import { hostname } from 'node:os';
import { type BrokerConfig, type BrokerSettings, readBrokerSettings } from '../../broker/index.js';
import type { Config } from '../../config/index.js';
import { type Topics, topicsOf } from './topics.js';

/** What the bridge is made of. */
export interface MqttSettings {
  readonly broker: BrokerSettings;
  readonly name: string;
  /** What is sent as room with detections. */
  readonly room: string;
  /** Suggested to Home Assistant, which makes an area of it; null where no room was named. */
  readonly area: string | null;
  readonly topics: Topics;
  readonly discovery: Config['mqttDiscovery'];
  readonly discoveryPrefix: string;
  readonly statsMs: number;
}

export type MqttConfig = BrokerConfig &
  Pick<
    Config,
    'mqttName' | 'mqttRoom' | 'mqttPrefix' | 'mqttDiscovery' | 'mqttDiscoveryPrefix' | 'mqttStatsSeconds'
  >;

/** @throws WakegateError WG_CONFIG_INVALID as {@link readBrokerSettings} does */
export async function readMqttSettings(
  config: MqttConfig,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<MqttSettings> {
  const name = mqttNameOf(config);
  return {
    broker: await readBrokerSettings(config, environment),
    name,
    room: config.mqttRoom ?? name,
    area: config.mqttRoom ?? null,
    topics: topicsOf(config, name),
    discovery: config.mqttDiscovery,
    discoveryPrefix: config.mqttDiscoveryPrefix,
    statsMs: config.mqttStatsSeconds * 1000,
  };
}

/** What this wakegate is called on the broker. */
export function mqttNameOf({ mqttName }: Pick<Config, 'mqttName'>): string {
  if (mqttName !== undefined) return mqttName;
  // Without the domain, and without what cannot be part of a topic or of Home Assistant's identifiers.
  const [machine] = hostname().split('.');
  return machine.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 64) || 'wakegate';
}
