import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { AudioDecoding } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import type { LoadedPack } from '../../src/daemon/loaded-pack.js';
import { DaemonStream } from '../../src/daemon/sent-stream.js';
import { SwitchingListener } from '../../src/daemon/switching-listener.js';
import { EnergyMeter } from '../../src/energy/index.js';
import type { ModelPack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import { s16le, voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
let pack: ModelPack;
before(async () => {
  pack = await makeTinyPack(join(folder, 'tiny'));
});

test('what the classifier had no room for is reported by the listener on the input', async (t) => {
  const classifier = new Classifier({ pack, backend: 'wasm', capacity: 1 });
  t.after(() => classifier.close());
  const meter = new EnergyMeter(pack.handoff);
  const listener = new Listener({ pack, classifier, meter, gate: 'off' });
  const switching = new SwitchingListener({ pack, classifier, listener } as unknown as LoadedPack, meter);
  const counts: number[] = [];
  switching.on('dropped', ({ count }) => counts.push(count));
  switching.push(voice(16_000, 2), 0);
  await listener.settled();
  assert.ok(counts.length > 0);
  assert.deepEqual(
    counts,
    counts.map((_, i) => i + 1),
  );
  assert.equal(classifier.status().dropped, counts.length);
});

test('whoever sends a stream learns that some of it was not looked at', async (t) => {
  const classifier = new Classifier({ pack, backend: 'wasm', capacity: 1 });
  t.after(() => classifier.close());
  const listener = new Listener({ pack, classifier, gate: 'off' });
  const stream = await DaemonStream.open({
    format: { rate: 16_000 },
    decoding: new AudioDecoding(),
    listener,
    labelOf: (keyword) => keyword,
    onClose: () => {},
  });
  await stream.push(s16le(voice(16_000, 1)));
  // The silence after the end comes at once.
  await stream.finish();
  assert.equal(stream.fault?.code, 'WG_BUSY');
  stream.close();
});
