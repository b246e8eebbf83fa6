import assert from 'node:assert/strict';
import { test } from 'node:test';
import { States } from '../../../src/bridges/mqtt/states.js';
import { topicsOf } from '../../../src/bridges/mqtt/topics.js';
import type { Service } from '../../../src/service.js';

/** What is said of problems while the input is in each of these states, one after the other. */
function problemsIn(states: readonly string[]): unknown[] {
  let state = '';
  const service = {
    status: () => ({ input: { state }, keywords: [], problems: [] }),
    notReady: () => (state === 'listening' ? null : `it is ${state}`),
  } as unknown as Service;
  const topics = topicsOf({ mqttPrefix: 'wakegate' }, 'kitchen');
  const said = new States(service, topics);
  return states.flatMap((one) => {
    state = one;
    const messages = said.changed().filter(({ topic }) => topic === topics.problem);
    return messages.map(({ payload }) => JSON.parse(String(payload)));
  });
}

test('a microphone that is being opened is no problem, and one that is lost is', () => {
  assert.deepEqual(problemsIn(['opening', 'listening', 'lost', 'opening']), [
    { problem: false, reasons: [] },
    { problem: true, reasons: ['it is lost'] },
    { problem: false, reasons: [] },
  ]);
});
