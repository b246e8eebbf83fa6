import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { EventBus } from '../../src/daemon/event-bus.js';
import { MachineWatch } from '../../src/daemon/machine-watch.js';
import { Problems } from '../../src/daemon/problems.js';

/** A watch on clocks that are set by hand, and all that it tells. */
function watched() {
  const clocks = { monotonic: 5000, wall: 1.8e12, boot: 9000 };
  const bus = new EventBus();
  const told: string[] = [];
  bus.on('event', (event) => event.type === 'problem' && told.push(`${event.part}: ${event.problem}`));
  const watch = new MachineWatch(new Problems(bus, pino({ level: 'silent' })), {
    monotonicMs: () => clocks.monotonic,
    wallMs: () => clocks.wall,
    bootMs: () => clocks.boot,
  });
  const pass = (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      const step = Math.min(500, left);
      for (const name of ['monotonic', 'wall', 'boot'] as const) clocks[name] += step;
      watch.beat();
    }
  };
  return { clocks, told, watch, pass };
}

const DAY_MS = 86_400_000;

describe('a clock that is set', () => {
  for (const [stepMs, says] of [
    [2000, /^clock: .* set forward by 2 s/],
    [-2000, /^clock: .* set back by 2 s/],
    [31 * DAY_MS, /^clock: .* set forward by 31 days/],
    [-31 * DAY_MS, /^clock: .* set back by 31 days/],
  ] as const) {
    it(`by ${stepMs} ms is told once, for a minute`, () => {
      const { clocks, told, pass } = watched();
      pass(3000);
      clocks.wall += stepMs;
      pass(59_000);
      assert.equal(told.length, 1);
      assert.match(told[0], says);
      pass(3000);
      assert.deepEqual(told.slice(1), ['clock: null']);
    });
  }

  it('by a little, as NTP does, is no news', () => {
    const { clocks, told, pass } = watched();
    for (let i = 0; i < 100; i++) {
      clocks.wall += 400;
      pass(500);
    }
    assert.deepEqual(told, []);
  });

  it('is told from a machine that was suspended', () => {
    const { clocks, told, pass } = watched();
    clocks.wall += DAY_MS;
    clocks.boot += DAY_MS;
    pass(1000);
    assert.deepEqual(told, []);
    clocks.wall += DAY_MS;
    pass(1000);
    assert.equal(told.length, 1);
  });
});

describe('sound that was missed', () => {
  it('is told with how much it was, and is over after a minute without', () => {
    const { told, watch, pass } = watched();
    watch.missed(24_000);
    assert.match(told[0], /^sound: 1\.5 s of sound were missed/);
    pass(58_000);
    watch.missed(16_000);
    assert.match(told[1], /^sound: 2\.5 s of sound were missed/);
    pass(61_000);
    assert.deepEqual(told.slice(2), ['sound: null']);
  });

  it('is not told each time, where it is missed all the time', () => {
    const { told, watch, pass } = watched();
    for (let i = 0; i < 60; i++) {
      watch.missed(1600);
      pass(500);
    }
    assert.ok(told.length <= 4, `${told}`);
  });
});
