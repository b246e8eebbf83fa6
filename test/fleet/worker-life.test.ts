import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { BrokerConnection, Complaints, readBrokerSettings } from '../../src/broker/index.js';
import { RemoteClassifier } from '../../src/fleet/remote-classifier.js';
import { noRemoteCounts } from '../../src/fleet/remote-counts.js';
import { Satellite } from '../../src/fleet/satellite.js';
import { fingerprintText } from '../../src/fleet/topics.js';
import { WindowTraces } from '../../src/fleet/traces.js';
import { HandoffEncoder } from '../../src/gate/handoff.js';
import type { ModelPack } from '../../src/model/index.js';
import { FLEET_TOPICS, startWorker } from '../support/fleet.js';
import { keepAlive } from '../support/keep-alive.js';
import { Mosquitto, noMosquitto } from '../support/mosquitto.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const skip = noMosquitto;
const models = join(temporaryFolder(), 'models');
let pack: ModelPack;

before(async () => {
  mkdirSync(models);
  pack = await makeTinyPack(join(models, 'tiny'));
});

keepAlive();

async function startSatellite(t: TestContext, mqttUrl: string) {
  const satellite = new Satellite({
    broker: await readBrokerSettings({ mqttUrl }, {}),
    ...{ topics: FLEET_TOPICS, name: 'kitchen', room: 'kitchen', group: null },
    complaints: new Complaints(pino({ level: 'silent' })),
    counts: () => ({ ...noRemoteCounts(), own: 0, detections: 0, outvoted: 0 }),
  });
  const traces = new WindowTraces();
  const [counts, times] = [noRemoteCounts(), { livesMs: 60_000 }];
  const classifier = new RemoteClassifier({ pack, carrier: satellite, counts, traces, times });
  satellite.usePack(pack.name, fingerprintText(pack.fingerprint));
  satellite.start();
  t.after(async () => {
    await classifier.close();
    await satellite.stop();
  });
  return { satellite, classifier, traces };
}

function silence(n: number): Uint8Array {
  const { compression, fingerprint, handoff } = pack;
  const encoder = new HandoffEncoder(compression, fingerprint, handoff.windowSteps);
  const levels = new Uint8Array(handoff.windowSteps * compression.channels);
  return encoder.encode({ streamId: 0, step: 20 + n, endSample: 12_800 + n }, levels);
}

test('a worker that ends answers all that was sent to it before, and takes no more', { skip }, async (t) => {
  const broker = await Mosquitto.start(t);
  const worker = await startWorker(t, broker, 'one', models);
  const { satellite, classifier, traces } = await startSatellite(t, broker.url);
  while (!satellite.holds(fingerprintText(pack.fingerprint))) await pause(10);
  const answers = Array.from({ length: 40 }, (_, n) => classifier.classify(silence(n)));
  while (traces.before(12_800, 1000).some(({ takenMs }) => takenMs === null)) await pause(1);
  // Nobody else is there: what it does not answer is lost.
  await worker.stop();
  assert.ok((await Promise.all(answers)).every((answer) => answer !== null));
  assert.equal(satellite.holds(fingerprintText(pack.fingerprint)), false);
});

test('a broker that is asked to end a subscription sends nothing more of it', { skip }, async (t) => {
  const broker = await Mosquitto.start(t);
  const nothing = { topic: 'nothing', payload: '', qos: 0 as const };
  const connection = new BrokerConnection({
    settings: await readBrokerSettings({ mqttUrl: broker.url }, {}),
    ...{ clientId: 'reader', will: nothing, subscriptions: ['a', 'b'] },
  });
  t.after(() => connection.stop(nothing));
  connection.start();
  await once(connection, 'up');
  const seen: string[] = [];
  connection.on('message', ({ topic }) => seen.push(topic));
  await connection.unsubscribe('a');
  await connection.unsubscribe('never subscribed');
  await broker.publish('a', '1');
  await broker.publish('b', '1');
  while (seen.length === 0) await pause(5);
  assert.deepEqual(seen, ['b']);
});
