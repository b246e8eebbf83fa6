import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/training/random.js';
import {
  drawDelivery,
  drawHeldOutCall,
  drawHeldOutDelivery,
  HELD_OUT,
  speakerOf,
} from '../../../src/training/voices/draw-mix.js';

test('what is drawn follows from the seed, and dev has voices of its own', () => {
  const draw = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 400 }, () => drawDelivery(random));
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  const voices = new Set(draw(1).flatMap(({ mix }) => mix.map(({ voice }) => voice)));
  assert.equal(voices.size, 54 - HELD_OUT.length, 'all others are drawn');
  assert.ok(HELD_OUT.every((voice) => !voices.has(voice)));
  const random = new Random(1);
  const dev = Array.from({ length: 200 }, () => drawHeldOutDelivery(random).mix);
  assert.deepEqual(new Set(dev.map(([{ voice }]) => voice)), new Set(HELD_OUT));

  for (const { mix, speed } of draw(3)) {
    assert.ok(speed >= 0.8 && speed <= 1.25);
    assert.ok(Math.abs(mix.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9);
    assert.equal(new Set(mix.map(({ voice }) => voice)).size, mix.length);
  }
});

test('a forecast comes from the voices of dev, each phrase a sentence of its own at a usual pace', () => {
  const random = new Random(1);
  const calls = Array.from({ length: 200 }, () => drawHeldOutCall(random));
  assert.deepEqual(new Set(calls.map(({ mix }) => mix[0].voice)), new Set(HELD_OUT));
  assert.deepEqual(new Set(calls.map(({ ending }) => ending)), new Set(['.', '!', '?']));
  assert.ok(calls.every(({ speed }) => speed >= 0.9 && speed <= 1.15));
});

test('the speaker is who is mixed, and by how much', () => {
  const one = [{ voice: 'af_bella', weight: 1 }] as const;
  const two = [
    { voice: 'af_bella', weight: 0.7 },
    { voice: 'am_adam', weight: 0.3 },
  ] as const;
  assert.equal(speakerOf(one), 'af_bella');
  assert.equal(speakerOf(two), 'af_bella-70-am_adam');
});
