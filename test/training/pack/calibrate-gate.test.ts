import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ModelPack } from '../../../src/model/index.js';
import type { Clip } from '../../../src/training/corpus/corpus.js';
import { traceGate } from '../../../src/training/evaluation/gate-trace.js';
import { calibrateGate } from '../../../src/training/pack/calibrate-gate.js';
import { Random } from '../../../src/training/random.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

let pack: ModelPack;
before(async () => {
  pack = await makeTinyPack(temporaryFolder());
});

const clips = (seed: number, count: number): Clip[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => ({
    path: `${seed}-${i}`,
    split: 'dev' as const,
    kind: 'word' as const,
    label: 'one',
    corpus: 'test',
    speaker: '',
    samples: Int16Array.from({ length: 16_000 }, () => Math.round(40 * (i + 1) * random.normal())),
  }));
};
const highest = (clip: Clip) => traceGate(pack, clip).scores.reduce((a, b) => Math.max(a, b), 0);
const stopped = (of: readonly Clip[], threshold: number) =>
  of.filter((clip) => highest(clip) < threshold).length;

test('the gate stops no more of keywords in noise than their own share', () => {
  const positives = clips(1, 40);
  const negatives = clips(2, 4).map((clip) => ({ ...clip, kind: 'noise' as const }));
  const byScore = positives.slice().sort((a, b) => highest(a) - highest(b));
  // As far down as the lowest tenth of the clean ones, so that a share of them decides.
  const noisy = [...byScore.slice(0, 10), ...byScore.slice(0, 10)].map((clip, i) => ({
    ...clip,
    path: `n${i}`,
  }));
  const heldOut = [{ pack, positives, negatives }];

  const alone = calibrateGate(heldOut, 0.1, false).threshold;
  assert.equal(stopped(positives, alone), 4);
  assert.ok(stopped(noisy, alone) > 2);

  const both = calibrateGate(heldOut, 0.1, false, { positives: noisy, budget: 0.1 }).threshold;
  assert.equal(stopped(noisy, both), 2);
  assert.ok(both < alone);
});
