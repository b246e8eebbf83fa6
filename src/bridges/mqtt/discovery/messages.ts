import type { KeywordInfo } from '../../../protocol/index.js';
import { VERSION } from '../../../version.js';
import type { MqttSettings } from '../settings.js';
import { type Entity, entitiesOf } from './entities.js';

export interface DiscoveryMessage {
  readonly topic: string;
  readonly payload: string;
}

export interface DiscoveryPlace {
  /** Of this daemon on the broker, and in Home Assistant's unique ids. */
  readonly node: string;
  /** Where all of the device is described. */
  readonly deviceTopic: string;
  /** Where one entity is described. */
  entityTopic(entity: Pick<Entity, 'platform' | 'id'>): string;
  /** Of both, whatever stands in them. */
  readonly filters: readonly string[];
  /** Whether such a filter may have matched it. */
  isOurs(topic: string): boolean;
}

export function placeOf({
  name,
  discoveryPrefix,
}: Pick<MqttSettings, 'name' | 'discoveryPrefix'>): DiscoveryPlace {
  const node = `wakegate_${name}`;
  const deviceTopic = `${discoveryPrefix}/device/${node}/config`;
  return {
    node,
    deviceTopic,
    entityTopic: ({ platform, id }) => `${discoveryPrefix}/${platform}/${node}/${id}/config`,
    filters: [deviceTopic, `${discoveryPrefix}/+/${node}/+/config`],
    isOurs: (topic) =>
      topic === deviceTopic ||
      (topic.startsWith(`${discoveryPrefix}/`) &&
        /^[^/]+\/[^/]+\/[^/]+\/config$/.test(topic.slice(discoveryPrefix.length + 1)) &&
        topic.split('/').at(-3) === node),
  };
}

/** What is to be known of the daemon in the form that is wanted: one message, one for each entity, or none. */
export function discoveryMessages(
  settings: MqttSettings,
  keywords: readonly KeywordInfo[],
): DiscoveryMessage[] {
  const { topics, discovery } = settings;
  const place = placeOf(settings);
  const entities = entitiesOf(topics, keywords);
  const shared = {
    device: deviceOf(settings, place),
    origin: { name: 'wakegate', sw_version: VERSION },
    availability_topic: topics.availability,
    qos: 1,
  };
  const configOf = ({ id, config }: Entity) => ({ ...config, unique_id: `${place.node}_${id}` });
  if (discovery === 'off') return [];
  if (discovery === 'entity') {
    return entities.map((entity) => ({
      topic: place.entityTopic(entity),
      payload: JSON.stringify({ ...configOf(entity), ...shared }),
    }));
  }
  const components = entities.map((entity) => {
    return [entity.id, { platform: entity.platform, ...configOf(entity) }] as const;
  });
  const payload = JSON.stringify({ ...shared, components: Object.fromEntries(components) });
  return [{ topic: place.deviceTopic, payload }];
}

function deviceOf({ name, area }: MqttSettings, { node }: DiscoveryPlace): object {
  return {
    identifiers: [node],
    name: `wakegate ${name}`,
    manufacturer: 'wakegate',
    model: 'Keyword spotter',
    sw_version: VERSION,
    ...(area !== null && { suggested_area: area }),
  };
}
