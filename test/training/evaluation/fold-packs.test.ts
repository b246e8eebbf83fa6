import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Clip } from '../../../src/training/corpus/corpus.js';
import { evaluate } from '../../../src/training/evaluation/evaluate.js';
import { packMeasuredOn } from '../../../src/training/evaluation/fold-packs.js';
import { hearAll } from '../../../src/training/evaluation/hear-all.js';
import { speech } from '../../support/speech.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { constantSecondLook, eagerPack, withSecondLook } from '../../support/tiny-second-look.js';

const pack = (name: string, ...alsoDev: string[]) => ({ name, made: alsoDev.length > 0 ? { alsoDev } : {} });

test('a corpus that a pack learned from is measured by a fold that did not', () => {
  const whole = pack('whole', 'a', 'b');
  const [first, second] = [pack('first', 'a'), pack('second', 'b')];
  const measured = (corpus: string) => packMeasuredOn(corpus, whole, [first, second]).name;
  assert.deepEqual(['a', 'b', 'c'].map(measured), ['second', 'first', 'whole']);
});

test('without folds, the pack itself is measured on everything', () => {
  assert.equal(packMeasuredOn('a', pack('whole', 'a'), []).name, 'whole');
});

test('a corpus that all of them learned from is refused by name', () => {
  assert.throws(() => packMeasuredOn('a', pack('whole', 'a', 'b'), [pack('first', 'a')]), {
    code: 'WG_DATA_INVALID',
    message: /whole and each of its folds learned from a: name a fold that did not/,
  });
});

test('false accepts count as the folds hear them, and their hours are named', async () => {
  const folder = temporaryFolder();
  const alone = await eagerPack(folder);
  // The pack refuses everything, as one does that learned these recordings by heart. Its fold takes all for a keyword.
  const looking = async (name: string, posteriors: readonly number[]) => {
    await mkdir(join(folder, name));
    return withSecondLook(alone, await constantSecondLook(join(folder, name), posteriors), 0.1);
  };
  const refusing = await looking('refusing', [1, 1e-6, 1e-6]);
  const learned = { ...refusing, made: { alsoDev: ['learned'] } };
  const fold = await looking('agreeing', [0.02, 0.49, 0.49]);
  const spoken = await speech('She had your dark suit in greasy wash water all year.');
  const clip = (corpus: string, kind: Clip['kind'], label: string): Clip => ({
    path: `${corpus}/${kind}`,
    split: 'dev',
    kind,
    label,
    corpus,
    speaker: '',
    samples: spoken.slice(0, 32_000),
  });
  const clips = [
    clip('own', 'word', alone.keywords[0].name),
    clip('own', 'speech', 'speech'),
    clip('learned', 'speech', 'speech'),
  ];
  const options = { backend: 'wasm', levelGate: 'off', secondLook: 'on', conditions: [] } as const;
  const flattered = evaluate(learned, await hearAll(learned, clips, options));
  assert.equal(flattered.falseAccepts.all.events, 0);
  assert.equal(flattered.crossFitted.hours, 0);

  const { falseAcceptsByCorpus, crossFitted } = evaluate(
    learned,
    await hearAll(learned, clips, { ...options, folds: [fold] }),
  );
  assert.equal(falseAcceptsByCorpus.own.events, 0);
  assert.ok(falseAcceptsByCorpus.learned.events > 0);
  assert.deepEqual(crossFitted, { hours: 2 / 3600, corpora: ['learned'] });
});
