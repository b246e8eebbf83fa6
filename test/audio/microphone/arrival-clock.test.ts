import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { type Arrival, ArrivalClock } from '../../../src/audio/microphone/arrival-clock.js';

const CHUNK = 1280;

describe('arrivals', () => {
  let monotonicMs: number;
  let wallMs: number;
  let bootMs: number;
  let newest: number;
  let clock: ArrivalClock;

  beforeEach(() => {
    monotonicMs = 5000;
    wallMs = 1_700_000_000_000;
    bootMs = 90_000;
    newest = 0;
    clock = new ArrivalClock({
      monotonicMs: () => monotonicMs,
      wallMs: () => wallMs,
      bootMs: () => bootMs,
    });
  });

  /** A chunk comes after as much time as it lasts, or more. */
  function chunk(extraMs = 0): Arrival {
    const ms = CHUNK / 16 + extraMs;
    monotonicMs += ms;
    wallMs += ms;
    bootMs += ms;
    newest += CHUNK;
    const arrival = clock.arrived(newest);
    newest += arrival.missing;
    return arrival;
  }
  const missingIn = (count: number) =>
    Array.from({ length: count }, () => chunk().missing).reduce((sum, missing) => sum + missing);

  it('of sound that flows are no gap', () => {
    assert.deepEqual(chunk(), { missing: 0, anchorMs: wallMs });
    assert.equal(missingIn(1000), 0);
  });

  it('after samples were lost say how many are missing', () => {
    chunk();
    assert.equal(chunk(700).missing, 700 * 16);
    assert.equal(missingIn(10), 0);
  });

  for (const stepMs of [2000, -2000, 31 * 86_400_000, -31 * 86_400_000]) {
    it(`after the wall clock was set by ${stepMs / 1000} s are no gap, and give the new time`, () => {
      chunk();
      wallMs += stepMs;
      assert.deepEqual(chunk(), { missing: 0, anchorMs: wallMs });
      assert.equal(missingIn(10), 0);
    });
  }

  it('after the machine was suspended are a gap', () => {
    chunk();
    wallMs += 3_600_000;
    bootMs += 3_600_000;
    assert.equal(chunk().missing, 3_600_000 * 16);
    assert.equal(missingIn(10), 0);
  });

  it('where the time since boot is not known take a step of the wall clock for one', () => {
    bootMs = Number.NaN;
    chunk();
    wallMs += 5000;
    assert.equal(chunk().missing, 0);
  });

  it('of a device whose clock drifts are no gap', () => {
    let missing = 0;
    for (let i = 0; i < 20_000; i++) missing += chunk(0.02).missing;
    assert.equal(missing, 0);
  });
});
