import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { Classifier } from '../../src/classifier/index.js';
import { defaultConfig } from '../../src/config/index.js';
import { ClassifierHealth } from '../../src/daemon/classifier-health.js';
import { LoadedPack } from '../../src/daemon/loaded-pack.js';
import { EnergyMeter } from '../../src/energy/index.js';
import type { WakegateError } from '../../src/errors.js';
import { Listener } from '../../src/pipeline.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();

test('a handoff that got no answer is reported until a later one gets one', async (t) => {
  const pack = await makeTinyPack(join(folder, 'pack'));
  const classifier = new Classifier({ pack, backend: 'wasm' });
  t.after(() => classifier.close());
  const health = new ClassifierHealth(classifier);
  const listener = new Listener({ pack, classifier, meter: new EnergyMeter(pack.handoff), gate: 'off' });
  const samples = voice(16_000, 1);

  listener.push(samples, 0);
  await listener.settled();
  assert.equal(health.fault?.code, undefined);

  const broken = await classifier.classify(new Uint8Array(10)).catch((error: WakegateError) => error);
  health.failed(broken as WakegateError);
  assert.equal(health.fault?.code, 'WG_HANDOFF_INVALID');
  assert.equal(classifier.status().state, 'awake', 'it has stayed awake all the while');

  listener.push(samples, samples.length);
  await listener.settled();
  assert.equal(health.fault?.code, undefined);
});

test('a pack that can hear nothing stays at fault, whatever the classifier answers', async (t) => {
  const tiny = await makeTinyPack(join(folder, 'too-large'));
  const [first, ...rest] = tiny.front;
  // Each is a number, but sums of their products are not.
  const kernel = first.kernel.map((_, i) => (i % 2 === 0 ? 3e38 : -3e38));
  const pack = { ...tiny, front: [{ ...first, kernel }, ...rest] as const };
  const config = { ...defaultConfig(), backend: 'wasm' as const };
  const logger = pino({ level: 'silent' });
  const meter = new EnergyMeter(pack.handoff);
  const loaded = new LoadedPack({ pack, keywords: pack.keywords, config, meter, logger });
  t.after(() => loaded.release());
  loaded.listener.push(voice(16_000, 1), 0);
  await loaded.listener.settled();
  assert.match(loaded.health.fault!.message, /its weights are too large/);
  await loaded.selfTest();
  assert.ok(loaded.classifier.status().answered > 0);
  assert.match(loaded.health.fault!.message, /its weights are too large/);
});
