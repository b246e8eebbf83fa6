import type { Outgoing } from '../broker/index.js';
import type { Config } from '../config/index.js';
import { VERSION } from '../version.js';
import type { FleetTopics } from './topics.js';
import { type FleetOverview, totalsOf } from './view.js';

export type SensorSettings = Pick<Config, 'mqttDiscovery' | 'mqttDiscoveryPrefix'>;

/** How often the figures are published. */
export const STATUS_MS = 30_000;
/** Without figures for as long, a sensor is unavailable: nobody is there who could say that it is. */
const EXPIRES_S = 120;
/** Home Assistant takes 16 kB of attributes. */
const MOST_LISTED = 60;

const SENSORS = {
  satellites: { name: 'Satellites', icon: 'mdi:microphone-variant' },
  workers: { name: 'Workers', icon: 'mdi:server' },
  perSecond: { name: 'Handoffs a second', icon: 'mdi:swap-horizontal', suggested_display_precision: 2 },
  lagMs: { name: 'Lag', unit_of_measurement: 'ms', device_class: 'duration', suggested_display_precision: 0 },
  again: { name: 'Handoffs sent again', state_class: 'total_increasing', icon: 'mdi:repeat' },
  lost: { name: 'Handoffs lost', state_class: 'total_increasing', icon: 'mdi:alert-circle-outline' },
} as const;

/** A fleet as a device of Home Assistant: what it has is described by discovery, whoever of the workers publishes it. */
export function sensorMessages(
  topics: FleetTopics,
  { mqttDiscovery, mqttDiscoveryPrefix: prefix }: SensorSettings,
): Outgoing[] {
  if (mqttDiscovery === 'off') return [];
  // A prefix of a node of its own: satellites are devices too, as wakegate_NAME.
  const node = topics.prefix.replaceAll(/[^A-Za-z0-9_-]/g, '-');
  const shared = {
    device: {
      identifiers: [node],
      name: 'wakegate fleet',
      manufacturer: 'wakegate',
      model: 'Satellites and workers',
      sw_version: VERSION,
    },
    origin: { name: 'wakegate', sw_version: VERSION },
  };
  const sensors = Object.entries(SENSORS).map(([key, sensor]) => ({
    key,
    config: {
      state_class: 'measurement',
      ...sensor,
      unique_id: `${node}_${key}`,
      state_topic: topics.status,
      value_template: `{{ value_json.${key} }}`,
      expire_after: EXPIRES_S,
      entity_category: 'diagnostic',
      ...((key === 'satellites' || key === 'workers') && {
        json_attributes_topic: topics.status,
        json_attributes_template: `{{ {'${key}': value_json.list.${key}} | tojson }}`,
      }),
    },
  }));
  if (mqttDiscovery === 'entity') {
    return sensors.map(({ key, config }) => ({
      topic: `${prefix}/sensor/${node}/${key}/config`,
      payload: JSON.stringify({ ...config, ...shared }),
      retain: true,
    }));
  }
  const components = Object.fromEntries(
    sensors.map(({ key, config }) => [key, { platform: 'sensor', ...config }]),
  );
  const payload = JSON.stringify({ ...shared, components });
  return [{ topic: `${prefix}/device/${node}/config`, payload, retain: true }];
}

/** The figures of those sensors, with who is there. */
export function statusMessage(topics: FleetTopics, overview: FleetOverview): Outgoing {
  const satellites = overview.satellites.slice(0, MOST_LISTED).map(({ satellite, room, counts }) => ({
    ...{ satellite, room, perSecond: counts?.perSecond ?? 0, lagMs: counts?.lagMs ?? 0 },
    lost: counts?.lost ?? 0,
  }));
  const workers = overview.workers.slice(0, MOST_LISTED).map(({ worker, counts }) => ({
    ...{ worker, perSecond: counts?.perSecond ?? 0, lagMs: counts?.lagMs ?? 0 },
    refused: counts?.refused ?? 0,
  }));
  const payload = JSON.stringify({ ...totalsOf(overview), list: { satellites, workers } });
  return { topic: topics.status, payload, retain: true, replaces: true };
}
