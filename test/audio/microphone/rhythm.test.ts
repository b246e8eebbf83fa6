import assert from 'node:assert/strict';
import test from 'node:test';
import { rhythmFor } from '../../../src/audio/microphone/rhythm.js';

test('a quiet room is read seldom, even where the gate was open when it became quiet', () => {
  assert.equal(rhythmFor({ quiet: true, isOpen: true }), 'slow');
  assert.equal(rhythmFor({ quiet: true, isOpen: false }), 'slow');
  assert.equal(rhythmFor({ quiet: false, isOpen: true }), 'prompt');
  assert.equal(rhythmFor({ quiet: false, isOpen: false }), 'steady');
});
