import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readMqttSettings } from '../../src/bridges/mqtt/index.js';
import { defaultConfig } from '../../src/config/index.js';
import { adviceOf, type Home, tryWay } from '../../src/home/index.js';
import { startDaemon } from '../support/daemon-fixture.js';
import { freePort } from '../support/free-port.js';
import { Mosquitto, noMosquitto, Watcher } from '../support/mosquitto.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');

before(async () => {
  await makeTinyPack(pack);
});

const there: Home = {
  homeAssistants: [
    {
      name: 'Home',
      address: '192.168.1.10',
      port: 8123,
      version: '2024.3.3',
      url: 'http://192.168.1.10:8123',
    },
  ],
  brokers: [{ name: 'MQTT', address: '192.168.1.10', port: 1883, how: 'answers' }],
  fault: null,
};

test('the advice names what was found, where to click, and the settings to write', () => {
  const advice = adviceOf(there, 'kitchen').join('\n');
  assert.match(
    advice,
    /^Home Assistant 2024.3.3 "Home" at http:\/\/192.168.1.10:8123\nMQTT broker at 192.168.1.10:1883\n/,
  );
  assert.match(advice, /mqttUrl: mqtt:\/\/192.168.1.10\n/);
  assert.match(advice, /mqttName: kitchen\n/);
  assert.match(advice, /mqttDiscovery: entity/, 'it is too old for the description of a whole device');
  assert.match(advice, /http:\/\/192.168.1.10:8123\/config\/integrations/);
  assert.doesNotMatch(advice, /Get a broker/);

  const [home] = there.homeAssistants;
  const newer = adviceOf({ ...there, homeAssistants: [{ ...home, version: '2026.10.1' }] }, 'kitchen').join(
    '\n',
  );
  assert.doesNotMatch(newer, /mqttDiscovery/);
  const nothing = adviceOf({ homeAssistants: [], brokers: [], fault: 'no network' }, 'kitchen').join('\n');
  assert.match(nothing, /Nothing was found.*\nThe network could not be asked: no network\n/);
  assert.match(nothing, /1\. Get a broker/);
});

test('wakegate home tries the whole way, and says where it ends', { skip: noMosquitto }, async (t) => {
  const broker = await Mosquitto.start(t);
  const mqtt = { mqttUrl: broker.url, mqttName: 'kitchen', mqttDiscovery: 'entity' } as const;
  const daemon = await startDaemon(t, { model: pack, input: '-', ...mqtt });
  const config = join(folder, 'wakegate.json');
  writeFileSync(config, JSON.stringify(mqtt));
  const watcher = await Watcher.start(t, broker);
  await watcher.message('wakegate/kitchen/availability', (payload) => payload === 'online');

  const tried = await wakegate(t, ['home', '--config', config, '--url', daemon.url!]);
  assert.equal(tried.code, 0, tried.stderr);
  assert.match(
    tried.stdout,
    /lets everyone in\.\nok {2}The daemon is connected to it, as kitchen\.\nok {2}A test arrived/,
  );
  assert.ok(
    !watcher.seen.some(({ topic }) => topic === 'wakegate/kitchen/detection'),
    'nothing fires by default',
  );

  await daemon.stop();
  const forgotten = await wakegate(t, ['home', 'forget', 'kitchen', '--config', config]);
  assert.match(forgotten.stdout, /^Removed \d+ topics of kitchen/, forgotten.stderr);
  const left = [...watcher.latest()].filter(
    ([topic, payload]) =>
      payload !== '' && /^(homeassistant|wakegate)\/.*(config|state|threshold|availability)$/.test(topic),
  );
  assert.deepEqual(left, []);
  const emptied = watcher.seen.filter(({ payload }) => payload === '').map(({ topic }) => topic);
  const lastEntity = emptied.findLastIndex((topic) => topic.startsWith('homeassistant/'));
  assert.ok(lastEntity < emptied.indexOf('wakegate/kitchen/state'), 'entities go before what they show');

  writeFileSync(config, JSON.stringify({ mqttUrl: `mqtt://127.0.0.1:${await freePort()}` }));
  const refused = await wakegate(t, [
    'home',
    '--config',
    config,
    '--url',
    daemon.url ?? 'http://127.0.0.1:1',
  ]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /WG_BROKER_UNREACHABLE.*does not answer: nothing listens at that port/);
});

test('a broker that takes connections and says nothing is named as such', async (t) => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const config = { ...defaultConfig(), mqttUrl: `mqtt://127.0.0.1:${port}` };
  const settings = await readMqttSettings(config, {});
  const ask = () => assert.fail('there is nobody to ask');
  await assert.rejects(tryWay({ settings, ask, fire: false, onStep: () => {}, patienceMs: 20 }), {
    code: 'WG_BROKER_UNREACHABLE',
    message: `the MQTT broker at ${config.mqttUrl} does not answer`,
  });
});
