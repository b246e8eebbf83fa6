import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pino } from 'pino';
import { Complaints, readBrokerSettings } from '../../src/broker/index.js';
import { Classifier, type HandoffClassifier } from '../../src/classifier/index.js';
import { RemoteClassifier } from '../../src/fleet/remote-classifier.js';
import { noRemoteCounts } from '../../src/fleet/remote-counts.js';
import { Satellite } from '../../src/fleet/satellite.js';
import { SecondLookClassifier } from '../../src/fleet/second-look-classifier.js';
import { fingerprintText } from '../../src/fleet/topics.js';
import type { ModelPack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import { FLEET_TOPICS, startWorker } from '../support/fleet.js';
import { Mosquitto, noMosquitto } from '../support/mosquitto.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { constantSecondLook, eagerPack, withSecondLook } from '../support/tiny-second-look.js';

const folder = temporaryFolder();
const models = join(folder, 'models');
let pack: ModelPack;

before(async () => {
  mkdirSync(models);
  const eager = await eagerPack(join(models, 'eager'));
  pack = withSecondLook(eager, await constantSecondLook(folder, [0.2, 0.4, 0.4]), 0.1);
});

const alive = setInterval(() => {}, 1 << 30);
test.after(() => clearInterval(alive));

async function heardBy(classifier: HandoffClassifier): Promise<object[]> {
  const heard: object[] = [];
  const listener = new Listener({ pack, classifier });
  listener.on('detection', ({ keyword, score, sample, secondLook }) =>
    heard.push([keyword, score, sample, secondLook !== null]),
  );
  const sound = voice(16_000, 2);
  for (let at = 0; at < sound.length; at += 640) {
    await listener.ready();
    listener.push(sound.subarray(at, at + 640), at);
  }
  await listener.settled();
  return heard;
}

test('a satellite with a second look of its own detects what one machine does, and classifies nothing', {
  skip: noMosquitto,
  timeout: 120_000,
}, async (t) => {
  const alone = new Classifier({ pack, backend: 'wasm' });
  t.after(() => alone.close());
  const expected = await heardBy(alone);
  assert.ok(expected.length > 0, 'there is something to detect');

  const broker = await Mosquitto.start(t);
  const worker = await startWorker(t, broker, 'one', models);
  const satellite = new Satellite({
    broker: await readBrokerSettings({ mqttUrl: broker.url }, {}),
    ...{ topics: FLEET_TOPICS, name: 'kitchen', room: 'kitchen', group: null },
    complaints: new Complaints(pino({ level: 'silent' })),
    counts: () => ({ ...noRemoteCounts(), own: 0, detections: 0, outvoted: 0 }),
  });
  const own = new Classifier({ pack, backend: 'wasm' });
  const remote = new RemoteClassifier({
    pack,
    carrier: satellite,
    counts: noRemoteCounts(),
    times: { livesMs: 60_000 },
  });
  const classifier = new SecondLookClassifier({ remote, own });
  satellite.usePack(pack.name, fingerprintText(pack.fingerprint));
  satellite.start();
  t.after(async () => {
    await classifier.close();
    await satellite.stop();
  });
  assert.deepEqual(await heardBy(classifier), expected);
  assert.equal(own.status().answered, 0, 'no handoff');
  assert.ok(own.status().looks > 0);
  assert.ok(worker.counts.answered > 0);
});
