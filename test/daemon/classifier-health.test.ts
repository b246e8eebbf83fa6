import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Classifier } from '../../src/classifier/index.js';
import { ClassifierHealth } from '../../src/daemon/classifier-health.js';
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
