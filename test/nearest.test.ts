import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../src/nearest.js';

const KEYS = ['input', 'model', 'backend', 'gate', 'host', 'port', 'idleSeconds', 'logLevel'];

test('a letter that is wrong, missing, too many or swapped is forgiven', () => {
  assert.equal(nearest('modal', KEYS), 'model');
  assert.equal(nearest('bakend', KEYS), 'backend');
  assert.equal(nearest('inputt', KEYS), 'input');
  assert.equal(nearest('prot', KEYS), 'port');
});

test('case, hyphens and underscores do not count', () => {
  assert.equal(nearest('LOG_LEVEL', KEYS), 'logLevel');
  assert.equal(nearest('idle-seconds', KEYS), 'idleSeconds');
});

test('of several that are near, the nearest is taken', () => {
  assert.equal(nearest('host', ['post', 'hosts', 'host']), 'host');
  assert.equal(nearest('hoost', ['post', 'host']), 'host');
});

test('what resembles nothing has no suggestion', () => {
  assert.equal(nearest('microphone', KEYS), null);
  assert.equal(nearest('x', KEYS), null);
  assert.equal(nearest('', KEYS), null);
});
