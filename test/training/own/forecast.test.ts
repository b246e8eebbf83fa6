import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofPeople, PEOPLE } from '../../../src/training/own/forecast.js';

test('what is expected of people has a part of the odds of synthesized voices, and is neither none nor all', () => {
  const voices = { count: 28, of: 56, share: 0.5, interval: [0.36, 0.64] as const };
  const people = ofPeople(voices, { odds: 0.4, always: 0 });
  assert.deepEqual([people.count, people.of], [28, 56], 'what was counted stays');
  const odds = (share: number) => share / (1 - share);
  assert.ok(Math.abs(odds(people.share) - 0.4) < 0.001);
  assert.ok(Math.abs(odds(people.interval[0]) - 0.4 * odds(0.36)) < 0.001);
  assert.ok(people.interval[0] < people.share && people.share < people.interval[1]);
  const none = ofPeople({ count: 0, of: 56, share: 0, interval: [0, 0.064] }, PEOPLE.quiet);
  assert.ok(
    none.share > 0.035 && none.interval[0] === 0.035,
    'some people are missed whatever hears all voices',
  );
  const all = ofPeople({ count: 56, of: 56, share: 1, interval: [0.936, 1] }, PEOPLE.quiet);
  assert.ok(all.share < 1 && all.interval[1] === 1);
});
