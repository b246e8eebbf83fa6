import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileSource } from '../../src/audio/file-source.js';
import { MicrophoneSource } from '../../src/audio/microphone/microphone-source.js';
import { openInput } from '../../src/audio/open-input.js';

test('mic is the microphone, - is stdin, and the rest are files', () => {
  const microphone = openInput('mic', { microphone: { device: 'hw:1,0' } });
  assert.ok(microphone instanceof MicrophoneSource);
  assert.match(microphone.name, /hw:1,0/);
  assert.equal(openInput('-').name, 'stdin');
  const file = openInput('./mic');
  assert.ok(file instanceof FileSource);
  assert.equal(file.name, './mic');
});
