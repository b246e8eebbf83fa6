import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Clip } from '../../../src/training/corpus/corpus.js';
import { evaluate } from '../../../src/training/evaluation/evaluate.js';
import { hearAll } from '../../../src/training/evaluation/hear-all.js';
import { speech } from '../../support/speech.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { constantSecondLook, eagerPack, withSecondLook } from '../../support/tiny-second-look.js';

test('replayed at the thresholds of the pack, the verdicts give what the pipeline detected', async () => {
  const folder = temporaryFolder();
  const alone = await eagerPack(folder);
  const spoken = await speech('She had your dark suit in greasy wash water all year.');
  const clip = (kind: Clip['kind'], label: string, from: number): Clip => ({
    path: `${kind}${from}`,
    split: 'dev',
    kind,
    label,
    corpus: 'own',
    speaker: '',
    samples: spoken.slice(from, from + 24_000),
  });
  const names = alone.keywords.map(({ name }) => name);
  const clips = [clip('word', names[0], 0), clip('word', names[1], 8000), clip('speech', 'speech', 4000)];
  const options = { backend: 'wasm', levelGate: 'off', secondLook: 'on', conditions: [] } as const;

  const counts = [];
  for (const [name, posteriors] of [
    ['agreeing', [0.02, 0.49, 0.49]],
    ['refusing', [1, 1e-6, 1e-6]],
  ] as const) {
    const second = join(folder, name);
    await mkdir(second);
    const pack = withSecondLook(alone, await constantSecondLook(second, posteriors), 0.1);
    const heard = await hearAll(pack, clips, options);
    const figures = evaluate(pack, heard);
    const asItIs = figures.det.clean.find(({ offset }) => offset === 0)!;
    assert.equal(asItIs.falseRejects, figures.falseRejects.clean.rate);
    assert.ok(Math.abs(asItIs.falseAcceptsPerHour - figures.falseAccepts.all.rate) < 1e-9);
    assert.notEqual(figures.operatingCurveAlone, null);
    const looks = heard.byKind.speech.map(({ verdicts }) => verdicts!.length);
    assert.ok(looks[0] > 0, 'there are candidates');
    counts.push(figures.falseAccepts.all.events);
  }
  assert.ok(counts[0] > 0, 'one that agrees leaves detections');
  assert.equal(counts[1], 0, 'one that refuses leaves none');

  const off = evaluate(alone, await hearAll(alone, clips, { ...options, secondLook: 'off' }));
  assert.equal(off.operatingCurveAlone, null);
});
