import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  balancedAccuracy,
  difference,
  gateThreshold,
  rightBehindGate,
  stopsOf,
} from '../../bench/study/measures.js';
import { ELSE, SILENCE } from '../../bench/study/task.js';

// Two of each of the words, four of everything else, two of silence.
const labels = Uint8Array.from([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, ELSE, ELSE, ELSE, ELSE, SILENCE, SILENCE]);
const allBut = (...wrong: number[]) => [...labels.keys()].map((i) => !wrong.includes(i));

test('balanced accuracy counts every class the same, however many windows it has', () => {
  assert.equal(balancedAccuracy(labels, allBut()), 1);
  assert.ok(Math.abs(balancedAccuracy(labels, allBut(0)) - (1 - 0.5 / 7)) < 1e-12);
  assert.ok(Math.abs(balancedAccuracy(labels, allBut(10)) - (1 - 0.25 / 7)) < 1e-12);
  // Everything else and silence as one class of six windows.
  assert.ok(Math.abs(balancedAccuracy(labels, allBut(10), true) - (1 - 1 / 6 / 6)) < 1e-12);
});

test('the threshold stops no more of the positives than allowed, and the highest there is', () => {
  const scores = [...labels].map((label, i) => (label < ELSE ? 0.5 + i / 100 : 0.505));
  const both = { clean: labels, noisy: labels };
  const threshold = gateThreshold(both, { clean: scores, noisy: scores }, 0.1);
  const stopped = scores.filter((score, i) => labels[i] < ELSE && score < threshold).length;
  assert.equal(stopped, 1);
  assert.equal(stopsOf(ELSE, labels, scores, threshold).rate, 1);
  assert.equal(stopsOf(SILENCE, labels, scores, 0.5).rate, 0);
});

test('behind the gate, what is stopped is none: right of a negative, wrong of a word', () => {
  const predicted = [...labels].map((label) => (label === SILENCE ? ELSE : label));
  predicted[10] = 2;
  const scores = [...labels].map((_, i) => (i === 0 || i === 10 ? 0 : 1));
  const answers = { predicted, scores, zeros: null, bits: null };
  assert.deepEqual(rightBehindGate(labels, answers, scores, 0.5), allBut(0));
  assert.deepEqual(rightBehindGate(labels, answers, null, 0.5), allBut(10));
});

test('a difference has the interval of its windows and of its seeds', () => {
  const same = difference(labels, [
    [allBut(3), allBut(3)],
    [allBut(5), allBut(5)],
  ]);
  assert.deepEqual(same, { mean: 0, overWindows: [0, 0], overSeeds: [0, 0] });

  const one = difference(labels, [[allBut(), allBut(0)]]);
  assert.ok(Math.abs(one.mean - 0.5 / 7) < 1e-12);
  assert.equal(one.overSeeds, null);
  assert.ok(one.overWindows[0] >= 0 && one.overWindows[1] <= 1 / 7 + 1e-9 && one.overWindows[1] > one.mean);

  // Differences of 0.5 / 7 and 0: Student's t of one degree of freedom.
  const two = difference(labels, [
    [allBut(), allBut(0)],
    [allBut(), allBut()],
  ]);
  const [mean, half] = [0.25 / 7, (12.706 * 0.25) / 7];
  assert.ok(Math.abs(two.overSeeds![0] - (mean - half)) < 1e-9);
  assert.ok(Math.abs(two.overSeeds![1] - (mean + half)) < 1e-9);
});
