import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clip } from '../../../src/training/corpus/corpus.js';
import { isHeldOut } from '../../../src/training/corpus/folds.js';

function clip(path: string, speaker: string, corpus = 'words'): Clip {
  const samples = new Int16Array(0);
  return { path, split: 'train', kind: 'word', label: 'one', corpus, speaker, samples };
}

test('each clip is held out by one fold, and so are all clips of its speaker', () => {
  const clips = Array.from({ length: 400 }, (_, i) => clip(`${i}.opus`, i < 200 ? `${i % 20}` : ''));
  const foldsOf = (one: Clip) => [0, 1, 2].filter((index) => isHeldOut(one, { index, of: 3 }));
  for (const one of clips) assert.equal(foldsOf(one).length, 1);
  for (let i = 20; i < 200; i++) assert.deepEqual(foldsOf(clips[i]), foldsOf(clips[i % 20]));
  for (const index of [0, 1, 2]) {
    const share = clips.slice(200).filter((one) => isHeldOut(one, { index, of: 3 })).length / 200;
    assert.ok(share > 0.2 && share < 0.47, `${share} of the clips without a speaker in fold ${index}`);
  }
});
