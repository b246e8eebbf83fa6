import assert from 'node:assert/strict';
import test from 'node:test';
import { REST_MS, rhythmFor } from '../../../src/audio/microphone/rhythm.js';

test('a quiet room is read seldom, whatever the gate said when it became quiet', () => {
  assert.equal(rhythmFor({ quiet: true, isOpen: true, nearness: 1.2 }), 'slow');
  assert.equal(rhythmFor({ quiet: true, isOpen: false, nearness: 0.9 }), 'slow');
});

test('the nearer a gate is to opening, the sooner a microphone is read', () => {
  const rests = [0, 0.01, 0.1, 0.5, 0.99].map(
    (nearness) => REST_MS[rhythmFor({ quiet: false, isOpen: false, nearness })],
  );
  assert.deepEqual(rests, [560, 560, 400, 160, 160]);
  assert.equal(rhythmFor({ quiet: false, isOpen: true, nearness: 0 }), 'prompt');
});
