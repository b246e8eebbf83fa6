import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  allowFalseAccepts,
  type KeywordScores,
  thresholdBetween,
} from '../../../src/training/pack/calibrate-keywords.js';

/** Stands apart: no recording without it comes near its own clips. */
const APART: KeywordScores = { keyword: 'apart', own: [0.99, 0.98, 0.97], others: [0.5, 0.2, 0.1] };
/** One recording without it scores over half of its own clips. */
const OUTLIER: KeywordScores = {
  keyword: 'outlier',
  own: [0.999, 0.96, 0.96, 0.95],
  others: [0.98, 0.3, 0.2],
};
/** Two such recordings, side by side. */
const PAIR: KeywordScores = {
  keyword: 'pair',
  own: [0.999, 0.97, 0.97, 0.97, 0.97, 0.97, 0.97],
  others: [0.99, 0.98, 0.3],
};

describe('false accepts go where they find most keywords', () => {
  test('none are allowed without a budget', () => {
    assert.deepEqual(allowFalseAccepts([APART, OUTLIER, PAIR], 0), [0, 0, 0]);
  });
  test('none where they find nothing', () => {
    assert.deepEqual(allowFalseAccepts([APART], 3), [0]);
  });
  test('one of use before two that are of less use each', () => {
    assert.deepEqual(allowFalseAccepts([APART, OUTLIER, PAIR], 1), [0, 1, 0]);
  });
  test('two at once, where one alone is of no use', () => {
    assert.deepEqual(allowFalseAccepts([APART, PAIR], 2), [0, 2]);
    assert.deepEqual(allowFalseAccepts([APART, OUTLIER, PAIR], 3), [0, 1, 2]);
  });
});

describe('a threshold', () => {
  const reached = ({ others }: KeywordScores, threshold: number) =>
    others.filter((score) => score >= threshold).length;

  test('is reached by as many recordings without the keyword as are allowed, and no more', () => {
    for (const scores of [APART, OUTLIER, PAIR]) {
      assert.equal(reached(scores, thresholdBetween(scores, 0)), 0);
    }
    assert.equal(reached(OUTLIER, thresholdBetween(OUTLIER, 1)), 1);
    assert.equal(reached(PAIR, thresholdBetween(PAIR, 1)), 1);
  });
  test('is never below 0.9, however well a keyword stands apart', () => {
    assert.equal(thresholdBetween({ keyword: 'x', own: [0.9999], others: [0.001] }, 0), 0.9);
  });
  test('lies between the two sides', () => {
    const threshold = thresholdBetween({ keyword: 'x', own: [0.9999, 0.9999], others: [0.95] }, 0);
    assert.ok(threshold > 0.99 && threshold < 0.9999, `${threshold}`);
  });
});
