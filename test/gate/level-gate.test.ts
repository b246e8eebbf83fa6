import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LevelGate } from '../../src/gate/level-gate.js';

const HOP = 320;
const HOLD = 50;

/** Seeded noise of the given amplitude, coloured as a room is. */
function noise(hops: number, amplitude: number, seed = 1): Int16Array {
  let state = seed;
  let low = 0;
  return Int16Array.from({ length: hops * HOP }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    const white = (state & 0xffff) / 32_768 - 1;
    low = 0.9 * low + 0.3 * white;
    return Math.round(amplitude * (low + 0.3 * white));
  });
}

/** Which hops are sound. */
function sound(gate: LevelGate, samples: Int16Array): boolean[] {
  return Array.from({ length: samples.length / HOP }, (_, hop) => gate.push(samples, hop * HOP, HOP));
}

const share = (hops: boolean[]) => hops.filter(Boolean).length / hops.length;

describe('the level gate', () => {
  test('shuts on a steady noise floor, loud or faint', () => {
    for (const amplitude of [10, 100, 3000]) {
      const hops = sound(new LevelGate(HOLD), noise(1500, amplitude));
      assert.ok(share(hops.slice(100)) < 0.02, `amplitude ${amplitude}: ${share(hops.slice(100))}`);
    }
  });

  test('lets the first hop of a sound through, and a second after the last', () => {
    const samples = noise(1000, 30);
    for (let i = 500 * HOP; i < 510 * HOP; i++) samples[i] += Math.round(300 * Math.sin(i * 0.6));
    const hops = sound(new LevelGate(HOLD), samples);
    assert.equal(hops[499], false);
    assert.deepEqual(hops.slice(500, 510 + HOLD), Array(10 + HOLD).fill(true));
    assert.equal(hops[512 + HOLD], false);
  });

  test('takes silence and rounding noise for silence', () => {
    assert.equal(share(sound(new LevelGate(HOLD), new Int16Array(500 * HOP)).slice(2 * HOLD)), 0);
    const rounding = Int16Array.from({ length: 500 * HOP }, (_, i) => ((i * 7919) % 3 === 0 ? 1 : 0));
    assert.equal(share(sound(new LevelGate(HOLD), rounding).slice(2 * HOLD)), 0);
  });

  test('is deaf to a DC offset', () => {
    const offset = noise(1000, 30).map((sample, i) => sample + (i > 500 * HOP ? 2000 : 0));
    assert.ok(share(sound(new LevelGate(HOLD), offset).slice(600)) < 0.02);
  });

  test('gets used to a fan within minutes', () => {
    const gate = new LevelGate(HOLD);
    sound(gate, noise(500, 30));
    const fan = sound(gate, noise(9000, 150));
    assert.equal(share(fan.slice(0, 500)), 1);
    assert.ok(share(fan.slice(-500)) < 0.05);
  });

  test('hears a quiet sound soon after a loud one', () => {
    const gate = new LevelGate(HOLD);
    const samples = noise(1000, 30);
    for (let i = 300 * HOP; i < 400 * HOP; i++) samples[i] = Math.round(9000 * Math.sin(i * 0.6));
    for (let i = 600 * HOP; i < 605 * HOP; i++) samples[i] += Math.round(90 * Math.sin(i * 0.6));
    const hops = sound(gate, samples);
    assert.equal(hops[599], false);
    assert.equal(hops[601], true);
  });
});
