import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviceFor, type Forecast, ofPeople, PEOPLE } from '../../../src/training/own/forecast.js';

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

test('who types a phrase of another language is told what its forecast is worth, until there are takes', () => {
  const share = { count: 0, of: 100, share: 0, interval: [0, 0.04] as const };
  const forecast: Forecast = {
    missed: share,
    takesMissed: null,
    falseAccepts: { count: 0, hours: 4.7, perHour: 0.15, interval: [0, 0.8] },
    nearHeard: share,
    heardIn: [],
    leftOut: null,
    gateOpen: 0.02,
  };
  const advice = (language: string, takes: number) => {
    const phrase = { text: 'ey ordenador', language, american: '', british: '', syllables: 5 };
    return adviceFor(phrase, forecast, { takes, isNeural: true });
  };
  assert.deepEqual(advice('en', 0), []);
  assert.match(advice('es', 0).join(), /other languages than English .*--record 5/);
  assert.deepEqual(advice('es', 5), []);
});
