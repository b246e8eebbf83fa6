import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../src/protocol/index.js';
import { LiveGroups } from '../../src/server/live-groups.js';

const level = (tenth: number) => ({ type: 'level', sample: tenth * 1600 }) as unknown as Message;
const gate = { type: 'gate', sample: 0 } as unknown as Message;
const detection = { type: 'detection', sample: 0 } as unknown as Message;

/** Which are sent at each call, by their number. */
function sent(messages: readonly Message[]): number[][] {
  const groups = new LiveGroups();
  return messages.map((message, n) => groups.next(message, String(n)).map(({ json }) => Number(json)));
}

test('what comes ten times a second is sent five at a time, in order, and nothing is lost', () => {
  assert.deepEqual(sent([1, 2, 3, 4, 5, 6, 7].map(level)), [[0], [], [], [], [], [1, 2, 3, 4, 5], []]);
});

test('where there are few none waits for another', () => {
  assert.deepEqual(sent([1, 7, 12, 18].map(level)), [[0], [1], [2], [3]]);
});

test('a detection takes along what waits, before it', () => {
  const messages = [level(1), level(2), detection, detection, level(3)];
  assert.deepEqual(sent(messages), [[0], [], [1, 2], [3], []]);
});

test('what the gate does waits with levels that flow, and for nothing else', () => {
  const messages = [gate, level(1), gate, level(2), gate, level(3), gate, detection, level(10), gate];
  assert.deepEqual(sent(messages), [[0], [1], [2], [], [], [], [], [3, 4, 5, 6, 7], [8], [9]]);
});

test('a stream that starts over is sent at once', () => {
  assert.deepEqual(sent([level(500), level(501), level(1), level(2)]), [[0], [], [1, 2], []]);
});
