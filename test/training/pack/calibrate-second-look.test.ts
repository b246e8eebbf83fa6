import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinedScore, logit } from '../../../src/classifier/index.js';
import { calibrateSecondLook } from '../../../src/training/pack/calibrate-second-look.js';

test('one threshold serves alone and with a second look: each lets through what it may, and no more', () => {
  const alone = [{ keyword: 'one', own: [0.999, 0.99, 0.98, 0.97], others: [0.995, 0.6, 0.2] }];
  const joined = [{ keyword: 'one', own: [0.9999, 0.9998, 0.9997, 0.999], others: [0.99, 0.95, 0] }];
  const { thresholds, biases, falseAccepts } = calibrateSecondLook(alone, joined, 0);
  const threshold = thresholds.one!;
  const moved = (score: number) => joinedScore(score, 0.5, 1, biases.one!);
  assert.deepEqual(falseAccepts, { one: { alone: 0, joined: 0 } });
  assert.ok(alone[0]!.others.every((score) => score < threshold));
  assert.ok(joined[0]!.others.every((score) => moved(score) < threshold));
  assert.equal(alone[0]!.own.filter((score) => score >= threshold).length, 1, 'alone most are missed');
  assert.equal(joined[0]!.own.filter((score) => moved(score) >= threshold).length, 4, 'with it none');
  assert.ok(Math.abs(logit(moved(0.999)) - logit(0.999) - biases.one!) < 1e-9);
});
