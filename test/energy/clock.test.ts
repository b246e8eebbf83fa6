import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bestClock, readingCostMs } from '../../src/energy/clock.js';
import { SimulatedClock } from '../support/simulated-clock.js';

describe('CPU clock', () => {
  it('never runs backwards, and moves on with work', () => {
    const clock = bestClock();
    const start = clock.nowMs();
    let last = start;
    let sum = 0;
    while (last - start < 5) {
      for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
      const now = clock.nowMs();
      assert.ok(now >= last);
      last = now;
    }
    assert.ok(sum > 0);
  });

  it('stands still while the thread waits, where it is the thread that is measured', async (t) => {
    const clock = bestClock();
    if (clock.kind === 'wall') return t.skip('this Node does not report CPU time by thread');
    const start = clock.nowMs();
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(clock.nowMs() - start < 150);
  });

  it('reports what reading it costs', () => {
    assert.ok(Math.abs(readingCostMs(new SimulatedClock(0.25)) - 0.25) < 1e-9);
    const cost = readingCostMs(bestClock());
    assert.ok(cost >= 0 && Number.isFinite(cost), `${cost} ms`);
  });
});
