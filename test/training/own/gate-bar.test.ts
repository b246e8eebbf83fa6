import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEVEL_VALUE } from '../../../src/model/own-keyword.js';
import type { Examples } from '../../../src/training/own/examples.js';
import { gateHolds, movedGate } from '../../../src/training/own/gate-bar.js';
import { GATE_TAPS } from '../../../src/training/own/gate-trainer.js';
import { Random } from '../../../src/training/random.js';

/** A gate on one channel that holds what the last step is. */
const GATE = {
  weights: Float32Array.from({ length: GATE_TAPS }, (_, tap) => (tap === GATE_TAPS - 1 ? 1 : 0)),
  bias: 0,
};

function noise(steps: number): Uint8Array {
  const random = new Random(3);
  return Uint8Array.from({ length: steps }, () => random.index(100));
}

function examplesWith(level: number): Examples {
  const levels = new Uint8Array(72).fill(level);
  const rest = { embeddings: 0, speaker: [0], second: null, after: Float32Array.of(20) };
  return { levels, steps: 72, count: 1, values: new Int8Array(0), ...rest };
}

test('the gate is open after the mean of two scores is over its bar, and for two scores more', () => {
  const levels = new Uint8Array(GATE_TAPS + 20);
  levels[GATE_TAPS - 1 + 10] = 64; // the sixth score: a pair with the fifth and with the seventh
  const holds = gateHolds(GATE, levels, 1);
  const half = LEVEL_VALUE[64] / 2;
  assert.deepEqual([...holds], [0, 0, 0, 0, half, half, half, half, 0, 0]);
});

test('a gate that lets synthesized voices through easily is opened further, for people', () => {
  const bank = noise(20_000);
  const gate = movedGate(GATE, [examplesWith(250)], bank, 1);
  const open = gateHolds(gate, bank, 1).filter((hold) => hold >= 0).length / (20_000 / 2);
  assert.ok(open > 0.03 && open < 0.05, `${open}`);
});

test('a gate that stops what held out voices say is opened until it lets them through', () => {
  const gate = movedGate(GATE, [examplesWith(9)], noise(20_000), 1);
  assert.ok(Math.abs(gate.bias + LEVEL_VALUE[9]) < 1e-6, `${gate.bias}`);
});
