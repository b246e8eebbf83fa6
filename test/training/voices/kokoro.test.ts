import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Classifier } from '../../../src/classifier/index.js';
import { detectFile } from '../../../src/detect-audio.js';
import { readPack, resolvePack } from '../../../src/model/index.js';
import { Random } from '../../../src/training/random.js';
import { Kokoro } from '../../../src/training/voices/kokoro.js';
import { openKokoroVoices } from '../../../src/training/voices/kokoro-voices.js';
import { voicesFolder } from '../../../src/training/voices/voices-folder.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = voicesFolder();
const isThere = existsSync(join(folder, 'model.onnx'));
const skip = !isThere && `Kokoro is not in ${folder}: wakegate train voices`;

test('Kokoro says a wake word, and the pack hears it', { skip }, async (t) => {
  const kokoro = await openKokoroVoices();
  const path = join(temporaryFolder(), 'computer.wav');
  const voice = kokoro.drawHeldOut(new Random(1));
  await voice.speak('computer', path);
  const pack = await readPack(await resolvePack('wake-words-en'));
  const classifier = new Classifier({ pack, backend: 'wasm' });
  t.after(() => classifier.close());
  const { detections } = await detectFile(path, { pack, classifier });
  assert.deepEqual(
    detections.map(({ keyword }) => keyword),
    ['computer'],
    voice.name,
  );
});

test('the same voice says the same, faster or slower, and a mix says it otherwise', { skip }, async () => {
  const kokoro = await Kokoro.load(folder);
  const bella = [{ voice: 'af_bella', weight: 1 }] as const;
  const mixed = [
    { voice: 'af_bella', weight: 0.6 },
    { voice: 'am_adam', weight: 0.4 },
  ] as const;
  const once = await kokoro.speak('ɡˈO.', bella, 1);
  assert.deepEqual(await kokoro.speak('ɡˈO.', bella, 1), once);
  assert.ok((await kokoro.speak('ɡˈO.', bella, 0.8)).length > once.length);
  assert.notDeepEqual(await kokoro.speak('ɡˈO.', mixed, 1), once);
  // It is speech at 16 kHz: half a second to two, and loud enough.
  assert.ok(once.length > 8_000 && once.length < 32_000);
  assert.ok(once.some((sample) => Math.abs(sample) > 3_000));
  await assert.rejects(kokoro.speak('ɡ'.repeat(510), bella, 1), {
    code: 'WG_DATA_INVALID',
    message: /has 510 sounds: Kokoro can say 1 to 509 at once/,
  });
});
