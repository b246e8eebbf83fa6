import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { readBrokerSettings } from '../../src/broker/index.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { connectorOf } from '../../src/fleet/connector.js';
import { NatsSubjects } from '../../src/fleet/nats/nats-subjects.js';
import { readFleet } from '../../src/fleet/overview.js';
import { Certificates, noOpenssl } from '../support/certificates.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { FLEET_TOPICS, hearAcrossFallback, startWorker } from '../support/fleet.js';
import { testFleetTransport } from '../support/fleet-transport.js';
import { NatsServer, noNats } from '../support/nats-server.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();

testFleetTransport('NATS', (t) => NatsServer.start(t), noNats);

async function heardBy(daemon: Daemon): Promise<object[]> {
  while (daemon.status().input.state !== 'ended') await once(daemon.events, 'event');
  return daemon.events
    .since(0)
    .flatMap((event) =>
      event.type === 'detection' ? [[event.keyword, event.score, event.sample] as const] : [],
    );
}

test('NATS: a satellite detects what one machine detects, and the fleet is listed', {
  skip: noNats,
}, async (t) => {
  const server = await NatsServer.start(t);
  const models = join(folder, 'models');
  mkdirSync(models);
  const model = join(models, 'tiny');
  await makeTinyPack(model);
  const broker = await readBrokerSettings({ mqttUrl: server.url }, {});
  const connect = await connectorOf(broker, FLEET_TOPICS);
  const worker = await startWorker(t, server, 'one', models, { connect });
  const input = wavFile(folder, 'kitchen.wav', voice(16_000, 1));
  const config = { model, input, gate: 'off', keywords: { one: { threshold: 0.01 } } } as const;
  const satellite = await startDaemon(t, { ...config, classifier: server.url, mqttName: 'kitchen' });
  const heard = await heardBy(satellite);
  assert.ok(heard.length > 0);
  assert.deepEqual(heard, await heardBy(await startDaemon(t, config)));
  assert.ok(worker.counts.answered > 0);
  const { workers, satellites } = await readFleet(broker, FLEET_TOPICS);
  assert.deepEqual(
    [workers.map((one) => one.worker), satellites.map((one) => one.satellite)],
    [['one'], ['kitchen']],
  );
  await worker.stop();
  while (satellite.status().fleet?.workers.length !== 0) await pause(10);
});

/** What becomes of the first attempt to connect. */
async function outcomeOf(t: TestContext, mqttUrl: string, more: object = {}, password?: string) {
  const settings = await readBrokerSettings(
    { mqttUrl, ...more },
    password === undefined ? {} : { WAKEGATE_MQTT_PASSWORD: password },
  );
  const will = { topic: FLEET_TOPICS.worker('nobody'), payload: '' };
  const connect = await connectorOf(settings, FLEET_TOPICS);
  const connection = connect({ ...{ settings, clientId: 'nobody', will, subscriptions: [] } });
  t.after(() => connection.stop(will));
  const ended = Promise.race([
    once(connection, 'up').then(() => 'up'),
    once(connection, 'down').then(([problem]) => problem as string),
  ]);
  connection.start();
  return ended;
}

test('NATS: with classifier auto it classifies by itself while no worker is there, and asks the fleet again later', {
  skip: noNats,
}, async (t) => {
  const server = await NatsServer.start(t);
  const models = join(folder, 'models-auto');
  mkdirSync(models);
  const model = join(models, 'tiny');
  await makeTinyPack(model);
  const config = { model, input: '-', gate: 'off', keywords: { one: { threshold: 0.01 } } } as const;
  const fleet = { classifier: 'auto', fleetUrl: server.url, mqttName: 'kitchen' } as const;
  const satellite = await startDaemon(t, { ...config, ...fleet });
  const alone = await startDaemon(t, config);
  const broker = await readBrokerSettings({ mqttUrl: server.url }, {});
  const connect = await connectorOf(broker, FLEET_TOPICS);
  await hearAcrossFallback(
    satellite,
    alone,
    () => assert.ok(satellite.status().fleet!.own > 0),
    () => startWorker(t, server, 'one', models, { connect }),
  );
});

test('NATS: why there is no connection is said in a sentence', {
  skip: noNats || noOpenssl,
  timeout: 60_000,
}, async (t) => {
  const certificates = new Certificates(folder);
  certificates.sign('expired', 0);
  const overMs = Date.now() + 1100;
  certificates.sign('broker');
  const users = ['authorization { user: kitchen, password: secret }'];
  const tls = (name: string) => [
    `tls { cert_file: "${certificates.path(`${name}.pem`)}", key_file: "${certificates.path(`${name}.key`)}" }`,
  ];
  const plain = await NatsServer.start(t, users);
  const good = await NatsServer.start(t, [...users, ...tls('broker')]);
  const as = { mqttUser: 'kitchen' };
  const ca = { mqttCa: certificates.path('ca.pem') };
  const withTls = ({ port }: NatsServer) => `tls://127.0.0.1:${port}`;
  assert.equal(await outcomeOf(t, plain.url, as, 'secret'), 'up');
  assert.equal(await outcomeOf(t, withTls(good), { ...as, ...ca }, 'secret'), 'up');
  assert.match(await outcomeOf(t, plain.url, as, 'guessed'), /refuses this user or password/);
  assert.match(await outcomeOf(t, withTls(plain), { ...as, ...ca }, 'secret'), /does not speak TLS/);
  assert.match(await outcomeOf(t, withTls(good), as, 'secret'), /signed by nobody known: give its CA/);
  await pause(Math.max(0, overMs - Date.now()));
  const expired = await NatsServer.start(t, [...users, ...tls('expired')]);
  assert.match(
    await outcomeOf(t, withTls(expired), { ...as, ...ca }, 'secret'),
    /has a certificate that has expired/,
  );
  await plain.kill();
  assert.match(
    await outcomeOf(t, plain.url, as, 'secret'),
    /^the NATS server at nats:\/\/127\.0\.0\.1:\d+ does not answer: nothing listens at that port$/,
  );
});

test('a topic of the fleet is the same after its way as a subject', () => {
  const subjects = new NatsSubjects({ prefix: 'home/fleet.one' });
  for (const topic of ['windows/00ff00ff/kitchen/12345678', 'claims/home', 'counts/workers/one', 'status']) {
    const whole = `home/fleet.one/${topic}`;
    assert.equal(subjects.topicOf(subjects.subjectOf(whole)), whole);
    assert.notEqual(subjects.routeOf(whole), null);
  }
  assert.equal(
    subjects.subjectOf('home/fleet.one/windows/+/kitchen/#'),
    'home.fleet_one.windows.*.kitchen.>',
  );
  assert.equal(subjects.routeOf('homeassistant/device/x/config'), null);
  assert.equal(subjects.streamOf('windows'), 'home_fleet_one-windows');
});
