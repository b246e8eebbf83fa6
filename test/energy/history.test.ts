import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EnergyHistory, EnergyMeter } from '../../src/energy/index.js';

/** A meter of which one capture call a second is booked, at 2 ms and 100 bytes each. */
function listenFor(seconds: number): { meter: EnergyMeter; history: EnergyHistory; nowMs: number } {
  const meter = new EnergyMeter({ hopSteps: 4 });
  const history = new EnergyHistory(meter, 0);
  let nowMs = 0;
  for (let second = 1; second <= seconds; second++) {
    nowMs = second * 1000;
    meter.add('capture', { calls: 1, cpuMs: 2, macs: 0, bytesIn: 100, bytesOut: 100 });
    history.heard(nowMs);
  }
  return { meter, history, nowMs };
}

test('the last minute is what was spent in it, and not before', () => {
  const { history, nowMs } = listenFor(300);
  const { seconds, stages, total } = history.last(60_000, nowMs);
  assert.equal(seconds, 60);
  assert.equal(stages.capture.calls, 60);
  assert.equal(stages.capture.bytesIn, 6000);
  assert.ok(Math.abs(total.cpuMs - 120) < 1e-9);
});

test('a window says how long it really is: shorter after the start, longer between marks', () => {
  const young = listenFor(25);
  assert.equal(young.history.last(60_000, young.nowMs).seconds, 25);
  assert.equal(young.history.last(60_000, young.nowMs).stages.capture.calls, 25);
  const old = listenFor(125);
  const { seconds, stages } = old.history.last(60_000, old.nowMs);
  assert.equal(seconds, 65);
  assert.equal(stages.capture.calls, 65);
});

test('an hour is kept, however long it has listened', () => {
  const { history, nowMs } = listenFor(3 * 3600 + 7);
  assert.equal(history.last(3_600_000, nowMs).seconds, 3607);
  assert.equal(history.last(3_600_000, nowMs).stages.capture.calls, 3607);
});

test('after a reset nothing of before is in any window', () => {
  const { meter, history, nowMs } = listenFor(100);
  history.reset(nowMs);
  meter.add('capture', { calls: 1, cpuMs: 2, macs: 0, bytesIn: 100, bytesOut: 100 });
  assert.equal(history.last(60_000, nowMs + 3000).seconds, 3);
  assert.equal(history.last(60_000, nowMs + 3000).stages.capture.calls, 1);
});

test('a span is shown in parts that hold all that was spent in it, once', () => {
  const { history, nowMs } = listenFor(26 * 3600 + 7);
  const wallMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  for (const [span, parts, partSeconds] of [
    ['minute', 6, 10],
    ['hour', 60, 60],
    ['day', 144, 600],
  ] as const) {
    const buckets = history.over(span, nowMs, wallMs);
    assert.equal(buckets.length, parts, span);
    assert.equal(buckets.at(-1)!.time, new Date(wallMs).toISOString(), 'the newest ends now');
    for (const [i, { seconds, stages, total, time }] of buckets.entries()) {
      assert.ok(Math.abs(stages.capture.cpuMs - 2 * seconds) < 1e-6, `${span} ${i}: 2 ms a second`);
      assert.equal(total.cpuMs, stages.capture.cpuMs);
      const isWhole = i < buckets.length - 1;
      if (isWhole) assert.equal(seconds, partSeconds);
      const next = buckets[i + 1];
      if (next) assert.equal(Date.parse(next.time) - Date.parse(time), next.seconds * 1000, 'without a hole');
    }
  }
});

test('a span has no more parts than there was time, and none from before a reset', () => {
  const { meter, history, nowMs } = listenFor(95);
  assert.deepEqual(
    history.over('hour', nowMs, 0).map(({ seconds }) => seconds),
    [30, 65],
  );
  assert.deepEqual(
    history.over('day', nowMs, 0).map(({ seconds }) => seconds),
    [95],
  );
  history.reset(nowMs);
  meter.add('capture', { calls: 1, cpuMs: 2, macs: 0, bytesIn: 100, bytesOut: 100 });
  const [only, ...others] = history.over('minute', nowMs + 3000, 0);
  assert.deepEqual([only.seconds, only.total.cpuMs, others.length], [3, 2, 0]);
});
