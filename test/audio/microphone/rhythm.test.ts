import assert from 'node:assert/strict';
import test from 'node:test';
import { REST_MS, rhythmFor } from '../../../src/audio/microphone/rhythm.js';

test('a quiet room is read seldom, whatever the gate said when it became quiet', () => {
  assert.equal(rhythmFor({ quiet: true, isOpen: true, isNear: true, nearness: 1.2 }), 'slow');
  assert.equal(rhythmFor({ quiet: true, isOpen: false, isNear: false, nearness: 0.9 }), 'slow');
});

test('the nearer a gate is to opening, the sooner a microphone is read', () => {
  const rests = [0, 0.05, 0.1, 0.5, 0.99].map(
    (nearness) => REST_MS[rhythmFor({ quiet: false, isOpen: false, isNear: false, nearness })],
  );
  assert.deepEqual(rests, [575, 575, 415, 175, 175]);
});

test('an open gate is followed closely, and a keyword that may be complete at any moment as it comes', () => {
  assert.equal(rhythmFor({ quiet: false, isOpen: true, isNear: false, nearness: 0 }), 'soon');
  assert.equal(rhythmFor({ quiet: false, isOpen: true, isNear: true, nearness: 0 }), 'prompt');
});
