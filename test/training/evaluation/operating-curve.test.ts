import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type ModelPack, readPack } from '../../../src/model/index.js';
import type { Labelled } from '../../../src/training/evaluation/det.js';
import { operatingCurve } from '../../../src/training/evaluation/operating-curve.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
let pack: ModelPack;
before(async () => {
  await makeTinyPack(folder);
  pack = await readPack(folder);
});

const logistic = (logit: number) => 1 / (1 + Math.exp(-logit));

/** An hour, or a clip of a keyword, in which the first keyword has these logits, minutes apart. */
function heard(label: string, hours: number, logits: readonly number[]): Labelled {
  const positions = logits.map((logit, i) => {
    const scores = new Float32Array(pack.keywords.length);
    scores[0] = logistic(logit);
    return { sample: (i + 1) * 60 * 16_000, scores };
  });
  return {
    clip: { label, samples: { length: hours * 3600 * 16_000 } as Int16Array },
    positions,
    verdicts: null,
  } as unknown as Labelled;
}

test('the operating curve moves the thresholds as far as the false accepts of all hours allow', () => {
  const [{ name, threshold }] = pack.keywords;
  // The other keyword has a posterior of 0 throughout, which no threshold reaches.
  const own = Math.log(threshold / (1 - threshold));
  const spaced = { ...pack, detector: { ...pack.detector, refractorySeconds: 0 } };
  // Four hours, with a false accept at each of these thresholds.
  const negatives = [heard('speech', 3, [own + 4, own + 3, own - 1]), heard('noise', 1, [own + 1])];
  const clips = [own + 5, own + 3.5, own + 2, own, own - 2].map((logit) => heard(name, 1 / 3600, [logit]));
  const curve = operatingCurve(spaced, { clean: clips }, negatives);
  assert.deepEqual(
    curve.map(({ atMost, falseAccepts, missed }) => [atMost, falseAccepts.events, missed.clean.events]),
    [
      [0, 0, 4], // above own + 4
      [0.25, 1, 3], // one in four hours: above own + 3
      [0.5, 2, 2], // above own + 1
      [1, 4, 0], // all four, and so as low as it goes
      [2, 4, 0],
    ],
  );
  assert.ok(Math.abs(curve[0].offset - 4) < 0.02 && Math.abs(curve[1].offset - 3) < 0.02);
});

test('with a second look its verdicts count, and what it was not asked about is missed', () => {
  const [{ name, threshold }] = pack.keywords;
  const own = Math.log(threshold / (1 - threshold));
  const ask = logistic(own - 1);
  const asks = Object.fromEntries(pack.keywords.map((keyword) => [keyword.name, { ask, bias: 0 }]));
  const looking = { ...pack, secondLook: { keywords: asks } } as unknown as ModelPack;
  const judged = (label: string, hours: number, logits: readonly number[], joined: readonly number[]) => {
    const one = heard(label, hours, logits);
    const verdicts = joined.map((logit, i) => ({
      keyword: name,
      sample: one.positions[i].sample,
      score: logistic(logit),
    }));
    return { ...one, verdicts };
  };
  // High posteriors, of which the second look is sure of one only.
  const negatives = [judged('speech', 2, [own + 4, own + 4, own + 4], [own - 3, own + 2, own - 4])];
  const clips = [
    judged(name, 1 / 3600, [own + 1], [own + 3]),
    judged(name, 1 / 3600, [own + 1], [own + 1]),
    judged(name, 1 / 3600, [own + 1], [own - 2]),
    judged(name, 1 / 3600, [own - 2], []),
  ];
  const curve = operatingCurve(looking, { clean: clips }, negatives);
  assert.deepEqual(
    curve.map(({ atMost, falseAccepts, missed }) => [atMost, falseAccepts.events, missed.clean.events]),
    [
      [0, 0, 3], // above own + 2
      [0.25, 0, 3],
      [0.5, 1, 1], // above own - 3
      [1, 2, 1], // above own - 4
      [2, 3, 1],
    ],
  );
});
