import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdleTime } from '../../src/classifier/idle-time.js';

test('what is woken again and again stays awake longer, and what is left alone does not', () => {
  let nowMs = 0;
  const idle = new IdleTime(() => nowMs);
  const staysAwake = (asleepMs: number) => {
    nowMs += asleepMs;
    idle.woken(10_000);
    const ms = idle.ms(10_000);
    nowMs += ms;
    idle.asleep();
    return ms;
  };
  assert.equal(staysAwake(0), 10_000, 'the first time');
  assert.deepEqual([1000, 500, 59_999, 30_000].map(staysAwake), [22_000, 45_000, 60_000, 60_000]);
  assert.equal(staysAwake(60_000), 10_000, 'after a minute asleep');
  assert.equal(staysAwake(12_000), 44_000, 'twice the 22 s in which it had nothing to do');
  assert.equal(idle.ms(0), 0, 'one that is to sleep at once does');
});
