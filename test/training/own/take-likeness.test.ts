import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAudioFile } from '../../../src/audio/index.js';
import { openBackend } from '../../../src/classifier/backend.js';
import { readPack, resolvePack } from '../../../src/model/index.js';
import { Embedder } from '../../../src/training/own/embedder.js';
import { unlikeness } from '../../../src/training/own/take-likeness.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();

/** A take by one voice, at some pace and pitch. */
async function take(text: string, speed: number, pitch: number) {
  const file = join(folder, `${text}-${speed}.wav`);
  execFileSync('espeak-ng', ['-v', 'en-us+m3', '-s', `${speed}`, '-p', `${pitch}`, '-w', file, text]);
  return { name: file, samples: await readAudioFile(file) };
}

test('the take of another word is the odd one, whatever pace and pitch the others have', async () => {
  const pack = await readPack(await resolvePack('wake-words-en'));
  const embedder = await Embedder.load(pack, await openBackend('wasm'));
  const same = await Promise.all(
    [130, 150, 165, 180].map((speed, i) => take('hey kitchen', speed, 30 + 10 * i)),
  );
  const all = [...same.slice(0, 2), await take('good morning', 150, 50), ...same.slice(2)];
  const unlike = unlikeness(pack, embedder, all);
  assert.ok(unlike[2] > 0.16, `${unlike}`);
  assert.ok(
    unlike.every((value, i) => i === 2 || value < 0.16),
    `${unlike}`,
  );
  assert.deepEqual(unlikeness(pack, embedder, same.slice(0, 2)), [0, 0]);
});
