import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sigmoid } from '../../../src/classifier/logit.js';
import { adviceFor, type Forecast, ofPeople, PEOPLE } from '../../../src/training/own/forecast.js';

/** Scores of voices that are so many logits over a threshold of 0.5. */
function voices(...logits: number[]): Float32Array {
  return Float32Array.from(logits, sigmoid);
}

test('people are hardly missed where all voices have logits to spare, and now and then where they have not', () => {
  const sure = ofPeople(voices(...Array(56).fill(7)), 0.5, PEOPLE.short.quiet);
  assert.deepEqual([sure.count, sure.of, sure.interval[0]], [0, 56, 0]);
  assert.ok(sure.share > 0 && sure.share < 0.02, `none of a few voices is not none of people: ${sure.share}`);
  const near = ofPeople(voices(...Array(28).fill(7), ...Array(28).fill(2)), 0.5, PEOPLE.short.quiet);
  assert.equal(near.count, 0, 'none of the voices is missed');
  // 0.12 (1 - exp(-(28.5 / 57) / 0.15))
  assert.ok(Math.abs(near.share - 0.1157) < 1e-4, `${near.share}`);
  assert.deepEqual(near.interval, [0, 0.4049], 'three and a half times as many, as was measured');
  const long = ofPeople(voices(...Array(28).fill(7), ...Array(28).fill(2)), 0.5, PEOPLE.long.quiet);
  assert.ok(Math.abs(long.share - 0.5 * near.share) < 1e-4, 'a phrase of more syllables half as often');
});

test('what misses nearly all voices is deaf to people too', () => {
  const half = ofPeople(voices(...Array(28).fill(-1), ...Array(28).fill(2)), 0.5, PEOPLE.long.quiet);
  assert.equal(half.count, 28);
  // odds of 28.5 to 28.5, times 0.12
  assert.ok(Math.abs(half.share - 0.12 / 1.12) < 1e-4, `${half.share}`);
  const deaf = ofPeople(voices(...Array(56).fill(-1)), 0.5, PEOPLE.long.quiet);
  assert.ok(deaf.share > 0.9 && deaf.share < 1 && deaf.interval[1] === 1, `${deaf.share}`);
  assert.equal(ofPeople(voices(), 0.5, PEOPLE.long.quiet).of, 0);
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
