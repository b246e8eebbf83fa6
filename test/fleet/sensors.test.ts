import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveMetrics } from '../../src/fleet/metrics.js';
import { sensorMessages } from '../../src/fleet/sensors.js';
import { discoveryFaults } from '../support/discovery-faults.js';
import { FLEET_TOPICS, startWorker } from '../support/fleet.js';
import { Mosquitto, noMosquitto, Watcher } from '../support/mosquitto.js';
import { temporaryFolder } from '../support/temp-folder.js';

const SCHEMA = new URL('../../../test/bridges/fixtures/home-assistant-2026.2.3.json', import.meta.url);
const DEVICE = 'homeassistant/device/wakegate-fleet/config';
const describe = (mqttDiscovery: 'device' | 'entity' | 'off') =>
  sensorMessages(FLEET_TOPICS, { mqttDiscovery, mqttDiscoveryPrefix: 'homeassistant' });

test('Home Assistant 2026.2.3 knows all that the description of a fleet says, in both forms', () => {
  const [{ topic, payload, retain }] = describe('device');
  assert.deepEqual([topic, retain], [DEVICE, true]);
  const message = JSON.parse(String(payload));
  assert.deepEqual(discoveryFaults(message, JSON.parse(readFileSync(fileURLToPath(SCHEMA), 'utf8'))), []);
  const ids = Object.entries(message.components).map(
    ([key, sensor]) => `homeassistant/sensor/wakegate-fleet/${key}/config ${(sensor as Sensor).unique_id}`,
  );
  const entities = describe('entity').map(
    (entity) => `${entity.topic} ${JSON.parse(String(entity.payload)).unique_id}`,
  );
  assert.deepEqual(entities, ids);
  assert.deepEqual(describe('off'), []);
});

interface Sensor {
  readonly unique_id: string;
}

const COUNTS = {
  ...{ sent: 12, answered: 10, again: 1, lost: 2, own: 0, duplicates: 0, perSecond: 1.5, lagMs: 30 },
  ...{ detections: 3, outvoted: 1, uptimeSeconds: 60 },
};

test('the first of the workers publishes the figures of the fleet, another when it has gone; each can serve metrics', {
  skip: noMosquitto,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const watcher = await Watcher.start(t, broker);
  const version = '1';
  const pack = { name: 'tiny', fingerprint: '00000001' };
  const kitchen = { satellite: 'kitchen', room: 'the "kitchen"', group: 'home', version, pack };
  await broker.publish(FLEET_TOPICS.satellite('home', 'kitchen'), JSON.stringify(kitchen), '-r');
  await broker.publish(FLEET_TOPICS.satelliteCounts('kitchen'), JSON.stringify(COUNTS), '-r');
  const options = {
    sensors: { mqttDiscovery: 'device', mqttDiscoveryPrefix: 'homeassistant' } as const,
    ...{ statusMs: 50, countsMs: 50, wantsCounts: true },
  };
  // Without packs: nothing is to be classified.
  const empty = temporaryFolder();
  const first = await startWorker(t, broker, 'a', empty, options);
  await watcher.message(DEVICE);
  const second = await startWorker(t, broker, 'b', empty, options);
  const both = await watcher.message(FLEET_TOPICS.status, (payload) => JSON.parse(payload).workers === 2);
  const { list, ...totals } = JSON.parse(both.payload);
  assert.deepEqual(totals, { satellites: 1, workers: 2, perSecond: 1.5, lagMs: 30, again: 1, lost: 2 });
  assert.deepEqual(list.satellites, [
    { satellite: 'kitchen', room: 'the "kitchen"', perSecond: 1.5, lagMs: 30, lost: 2 },
  ]);
  assert.equal(watcher.seen.filter(({ topic }) => topic === DEVICE).length, 1, 'one of them describes it');

  const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => second.overview);
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const text = await (await fetch(`${url}/metrics`)).text();
  for (const line of [
    'wakegate_fleet_satellites 1',
    'wakegate_fleet_workers 2',
    'wakegate_fleet_handoffs_per_second 1.5',
    'wakegate_fleet_lag_seconds 0.03',
    'wakegate_fleet_satellite_handoffs_total{satellite="kitchen",room="the \\"kitchen\\"",result="lost"} 2',
    'wakegate_fleet_satellite_words_total{satellite="kitchen",room="the \\"kitchen\\"",answered_by="this"} 3',
  ])
    assert.ok(text.split('\n').includes(line), `${line} is in\n${text}`);
  assert.equal((await fetch(url)).status, 404);

  const from = watcher.seen.length;
  await first.stop();
  await watcher.message(FLEET_TOPICS.status, (payload) => JSON.parse(payload).workers === 1, from);
});
