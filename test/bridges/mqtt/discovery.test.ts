import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Announcer } from '../../../src/bridges/mqtt/discovery/announcer.js';
import { readMqttSettings } from '../../../src/bridges/mqtt/index.js';
import { type Config, defaultConfig } from '../../../src/config/index.js';
import { startDaemon } from '../../support/daemon-fixture.js';
import { Mosquitto, noMosquitto, Watcher } from '../../support/mosquitto.js';
import { BridgeFixture } from '../../support/mqtt-bridge.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const DEVICE = 'homeassistant/device/wakegate_kitchen/config';
const HEARD = 'homeassistant/event/wakegate_kitchen/heard/config';
const TWO = 'homeassistant/number/wakegate_kitchen/threshold_two/config';
const one = {
  name: 'one',
  label: 'one',
  enabled: true,
  threshold: 0.5,
  patience: 1,
  defaultThreshold: 0.5,
  changed: false,
  own: null,
};
const two = { ...one, name: 'two', label: 'two' };

before(async () => {
  await makeTinyPack(pack);
});

async function announcer(mqttDiscovery: Config['mqttDiscovery']): Promise<Announcer> {
  const config = { ...defaultConfig(), mqttUrl: 'mqtt://127.0.0.1', mqttName: 'kitchen', mqttDiscovery };
  return new Announcer(await readMqttSettings(config, {}));
}

/** The order and the payloads of what is sent to one topic. */
const sentTo = (messages: readonly { topic: string; payload: string | Buffer }[], topic: string) =>
  messages.filter((message) => message.topic === topic).map(({ payload }) => String(payload));

test('both forms have the same entities, by the same unique ids', async () => {
  const [device] = (await announcer('device')).changes([one, two]);
  const entities = (await announcer('entity')).changes([one, two]);
  const { components } = JSON.parse(String(device.payload));
  const byDevice = Object.entries(components as Record<string, { platform: string; unique_id: string }>);
  assert.deepEqual(
    byDevice.map(
      ([id, { platform, unique_id }]) =>
        `homeassistant/${platform}/wakegate_kitchen/${id}/config ${unique_id}`,
    ),
    entities.map(({ topic, payload }) => `${topic} ${JSON.parse(String(payload)).unique_id}`),
  );
  assert.equal(entities.length, 9);
  for (const { payload, retain } of entities) {
    const config = JSON.parse(String(payload));
    assert.equal(retain, true);
    assert.equal(config.availability_topic, 'wakegate/kitchen/availability');
    assert.deepEqual(config.device.identifiers, ['wakegate_kitchen']);
  }
});

test('an area is suggested only where a room is named: Home Assistant makes one of it', async () => {
  for (const [mqttRoom, area] of [
    ['Küche', 'Küche'],
    [undefined, undefined],
  ] as const) {
    const config = {
      ...defaultConfig(),
      mqttUrl: 'mqtt://127.0.0.1',
      mqttName: 'kitchen',
      ...(mqttRoom && { mqttRoom }),
    };
    const [device] = new Announcer(await readMqttSettings(config, {})).changes([one]);
    assert.equal(JSON.parse(String(device.payload)).device.suggested_area, area);
  }
});

test('what has not changed is not sent again, but all of it where Home Assistant starts', async () => {
  const entity = await announcer('entity');
  const all = entity.changes([one, two]);
  assert.deepEqual(entity.changes([one, two]), []);
  assert.deepEqual(
    entity.changes([one, { ...two, label: 'Two!' }]).map(({ topic }) => topic),
    [TWO],
  );
  assert.equal(entity.all([one, two]).length, all.length);
});

test('a keyword that is gone goes, in both forms', async () => {
  const entity = await announcer('entity');
  entity.changes([one, two]);
  assert.deepEqual(sentTo(entity.changes([one]), TWO), ['']);

  const device = await announcer('device');
  device.changes([one, two]);
  const [removing, left] = sentTo(device.changes([one]), DEVICE).map(
    (payload) => JSON.parse(payload).components,
  );
  assert.deepEqual(removing.threshold_two, { platform: 'number' });
  assert.equal(left.threshold_two, undefined);
  assert.equal(left.threshold_one.platform, 'number');
});

test('from one form to the other, entities move without being removed first', async () => {
  const retained = { retain: true, payload: Buffer.from('{"unique_id": "x"}') };
  const device = await announcer('device');
  assert.ok(device.take({ topic: HEARD, ...retained }));
  assert.ok(device.take({ topic: TWO, ...retained }));
  const order = device.changes([one]).map(({ topic, payload }) => {
    return `${topic.split('/').slice(1, 4).join('/')} ${String(payload).slice(0, 25)}`;
  });
  assert.deepEqual(order, [
    'event/wakegate_kitchen/heard {"migrate_discovery":true',
    'device/wakegate_kitchen/config {"device":{"identifiers":',
    'event/wakegate_kitchen/heard ',
    'number/wakegate_kitchen/threshold_two ', // a keyword that is gone as well
  ]);

  const entity = await announcer('entity');
  entity.take({ topic: DEVICE, ...retained });
  const back = entity.changes([one]);
  assert.deepEqual(sentTo(back, DEVICE), ['{"migrate_discovery":true}', '']);
  assert.equal(back[0].retain, undefined);
  assert.equal(back.at(-1)!.topic, DEVICE);
});

test('anything may be retained on our topics', async () => {
  const device = await announcer('device');
  for (const payload of [
    '{',
    'null',
    '[]',
    '{"components": 7}',
    '{"components": {"a": null, "b": {"platform": 3}}}',
    '\xff',
  ]) {
    assert.ok(device.take({ topic: DEVICE, payload: Buffer.from(payload, 'latin1'), retain: true }));
    const [config, ...more] = sentTo(device.changes([one]), DEVICE);
    assert.equal(JSON.parse(config).components.heard.platform, 'event');
    assert.deepEqual(more, []);
    device.forget();
  }
  for (const topic of [
    'homeassistant/event/wakegate_other/heard/config',
    'other/device/wakegate_kitchen/config',
    'x',
  ]) {
    assert.ok(!device.take({ topic, payload: Buffer.from('{}'), retain: true }));
  }
});

test('on a real broker: the forms follow each other, and off leaves nothing behind', {
  skip: noMosquitto,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const daemon = await startDaemon(t, { model: pack, input: '-' });
  const watcher = await Watcher.start(t, broker);
  const run = async (mqttDiscovery: Config['mqttDiscovery'], until: () => Promise<unknown>) => {
    const bridge = await BridgeFixture.start(t, daemon, { mqttUrl: broker.url, mqttDiscovery });
    await until();
    await bridge.stop();
  };
  const described = () =>
    [...watcher.latest()].flatMap(([topic, payload]) =>
      topic.startsWith('homeassistant/') && payload ? [topic] : [],
    );

  await run('entity', () => watcher.message(TWO));
  assert.equal(described().length, 9);
  let from = watcher.seen.length;
  await run('device', () => watcher.message(TWO, (payload) => payload === '', from));
  assert.deepEqual(described(), [DEVICE]);
  from = watcher.seen.length;
  await run('off', () => watcher.message(DEVICE, (payload) => payload === '', from));
  assert.deepEqual(described(), []);
});

test('Home Assistant that starts is told everything again', { skip: noMosquitto }, async (t) => {
  const broker = await Mosquitto.start(t);
  const daemon = await startDaemon(t, { model: pack, input: '-' });
  const watcher = await Watcher.start(t, broker);
  await BridgeFixture.start(t, daemon, { mqttUrl: broker.url });
  await watcher.message(DEVICE);
  const from = watcher.seen.length;
  await broker.publish('homeassistant/status', 'online');
  await watcher.message(DEVICE, () => true, from);
  await watcher.message('wakegate/kitchen/state', () => true, from);
});
