import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Announcer } from '../../../src/bridges/mqtt/discovery/announcer.js';
import { readMqttSettings } from '../../../src/bridges/mqtt/index.js';
import { defaultConfig } from '../../../src/config/index.js';
import { discoveryFaults } from '../../support/discovery-faults.js';

/** What `bench/home/read_schema.py` has read out of that Home Assistant. */
const SCHEMA = new URL('../../../../test/bridges/fixtures/home-assistant-2026.2.3.json', import.meta.url);
const schema = JSON.parse(readFileSync(fileURLToPath(SCHEMA), 'utf8'));

async function description() {
  const config = { ...defaultConfig(), mqttUrl: 'mqtt://127.0.0.1', mqttName: 'kitchen' };
  const announcer = new Announcer(await readMqttSettings(config, {}));
  const settings = { enabled: true, threshold: 0.5, patience: 1, defaultThreshold: 0.5, changed: true };
  const keyword = { name: 'one', label: 'One', ...settings, own: null };
  const [{ payload }] = announcer.changes([keyword]);
  return JSON.parse(String(payload));
}

test('Home Assistant 2026.2.3 knows all that the description of the device says', async () => {
  const message = await description();
  assert.equal(Object.keys(message.components).length, 8);
  assert.deepEqual(discoveryFaults(message, schema), []);
});

test('what it would refuse is found', async () => {
  const message = await description();
  const { heard, energy, problem, ...others } = message.components;
  const { unique_id: _, event_types: __, ...bare } = heard;
  const faults = discoveryFaults(
    {
      ...message,
      origin: {},
      components: {
        ...others,
        heard: { ...bare, loud: true },
        energy: { ...energy, unit_of_measurement: 'W' },
        problem: { ...problem, device_class: 'trouble' },
        lamp: { platform: 'lamp' },
      },
    },
    schema,
  );
  assert.deepEqual(faults.sort(), [
    'energy: W is no unit of energy',
    'heard.event_types is missing',
    'heard.loud is not known',
    'heard: it has no unique_id',
    'lamp: no platform is called lamp',
    'origin.name is missing',
    'problem.device_class: trouble is none of its values',
  ]);
});
