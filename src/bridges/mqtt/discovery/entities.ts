import type { KeywordInfo } from '../../../protocol/index.js';
import { STATES } from '../states.js';
import type { Topics } from '../topics.js';

/** One entity, as Home Assistant's MQTT integration describes them, without what all of ours have in common. */
export interface Entity {
  /** Names it within the device, for good: entities are known by it over upgrades. */
  readonly id: string;
  readonly platform: 'event' | 'switch' | 'number' | 'sensor' | 'binary_sensor';
  readonly config: Readonly<Record<string, unknown>>;
}

/** All entities of a daemon that listens for these keywords. */
export function entitiesOf(topics: Topics, keywords: readonly KeywordInfo[]): Entity[] {
  return [
    {
      id: 'heard',
      platform: 'event',
      config: {
        name: 'Heard',
        icon: 'mdi:ear-hearing',
        state_topic: topics.detection,
        event_types: keywords.map(({ name }) => name),
      },
    },
    {
      id: 'mute',
      platform: 'switch',
      config: {
        name: 'Mute',
        icon: 'mdi:microphone-off',
        state_topic: topics.mute,
        command_topic: topics.muteSet,
      },
    },
    {
      id: 'last_keyword',
      platform: 'sensor',
      config: { name: 'Last keyword', icon: 'mdi:account-voice', state_topic: topics.keyword },
    },
    {
      id: 'state',
      platform: 'sensor',
      config: {
        name: 'State',
        icon: 'mdi:microphone',
        state_topic: topics.state,
        device_class: 'enum',
        options: STATES,
        entity_category: 'diagnostic',
      },
    },
    {
      id: 'stopped',
      platform: 'sensor',
      config: {
        name: 'Stopped by the gate',
        icon: 'mdi:gate',
        state_topic: topics.stats,
        value_template: '{{ value_json.stopped }}',
        unit_of_measurement: '%',
        state_class: 'measurement',
        suggested_display_precision: 1,
        entity_category: 'diagnostic',
      },
    },
    {
      id: 'energy',
      platform: 'sensor',
      config: {
        name: 'Energy',
        state_topic: topics.stats,
        value_template: '{{ value_json.energyWh }}',
        unit_of_measurement: 'Wh',
        device_class: 'energy',
        // It starts at zero with every start of the daemon.
        state_class: 'total_increasing',
        suggested_display_precision: 4,
        entity_category: 'diagnostic',
      },
    },
    {
      id: 'problem',
      platform: 'binary_sensor',
      config: {
        name: 'Problem',
        device_class: 'problem',
        state_topic: topics.problem,
        value_template: "{{ 'ON' if value_json.problem else 'OFF' }}",
        json_attributes_topic: topics.problem,
        json_attributes_template: "{{ {'reasons': value_json.reasons} | tojson }}",
        entity_category: 'diagnostic',
      },
    },
    ...keywords.map((keyword) => thresholdOf(topics, keyword)),
  ];
}

function thresholdOf(topics: Topics, { name, label }: KeywordInfo): Entity {
  return {
    id: `threshold_${name}`,
    platform: 'number',
    config: {
      // The keyword first: Home Assistant shows as much of it as there is room for.
      name: `${label} threshold`,
      icon: 'mdi:tune',
      state_topic: topics.threshold(name),
      command_topic: topics.thresholdSet(name),
      min: 0.001,
      max: 1,
      step: 0.001,
      mode: 'box',
      entity_category: 'config',
    },
  };
}
