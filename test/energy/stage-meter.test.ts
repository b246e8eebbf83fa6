import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { StageMeter } from '../../src/energy/stage-meter.js';
import { SimulatedClock } from '../support/simulated-clock.js';

const READING_MS = 0.0005;

function metered(readingMs = READING_MS): { clock: SimulatedClock; stage: StageMeter } {
  const clock = new SimulatedClock(readingMs);
  return { clock, stage: new StageMeter(clock, readingMs) };
}

/** Runs calls that take what `costMs` says, and returns what they took in all. */
function run(
  { clock, stage }: ReturnType<typeof metered>,
  calls: number,
  costMs: (call: number) => number,
  units: (call: number) => number = () => 1,
): number {
  let truth = 0;
  for (let call = 0; call < calls; call++) {
    const ms = costMs(call);
    stage.begin(units(call));
    clock.work(ms);
    stage.end(0, 0, 0);
    truth += ms;
  }
  return truth;
}

function assertNear(actual: number, truth: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - truth) <= tolerance * truth, `${what}: ${actual} ms, in truth ${truth}`);
}

describe('stage meter', () => {
  it('times every call of a stage that costs much more than the clock, and is exact', () => {
    const metering = metered();
    const truth = run(metering, 500, (call) => 1 + (call % 7));
    assert.equal(metering.stage.timedCalls, 500);
    assertNear(metering.stage.cost.cpuMs, truth, 1e-9, 'cpuMs');
  });

  it('reads the clock for 2 % of the time of a stage that is cheap, and still reports its time', () => {
    const metering = metered();
    const truth = run(metering, 100_000, () => 0.008);
    const overhead = (metering.clock.readings * READING_MS) / truth;
    assert.ok(overhead > 0.015 && overhead < 0.021, `${overhead} of the time went into the clock`);
    assert.equal(metering.clock.readings, 2 * metering.stage.timedCalls);
    assertNear(metering.stage.cost.cpuMs, truth, 0.001, 'cpuMs');
  });

  it('never waits longer than 1500 units, however cheap the stage', () => {
    for (const ms of [0, 1e-7]) {
      const metering = metered();
      run(metering, 100_000, () => ms);
      const { timedCalls } = metering.stage;
      assert.ok(timedCalls >= 100_000 / 1500 && timedCalls < 150, `${timedCalls} timed`);
    }
  });

  it('times all calls of a clock that costs nothing', () => {
    const metering = metered(0);
    run(metering, 1000, () => 0);
    assert.equal(metering.stage.timedCalls, 1000);
  });

  it('meets work that comes every n-th call as often as it occurs', () => {
    for (let period = 2; period <= 25; period++) {
      const metering = metered();
      const truth = run(metering, 30_000, (call) => (call % period === 0 ? 0.02 : 0.001));
      assert.ok(metering.stage.timedCalls < 15_000, `period ${period}: ${metering.stage.timedCalls} timed`);
      assertNear(metering.stage.cost.cpuMs, truth, 0.2, `period ${period}`);
    }
  });

  it('scales by units where calls differ in size', () => {
    const metering = metered();
    const units = (call: number) => 1 + ((call * 7) % 12);
    const truth = run(metering, 30_000, (call) => 0.002 + 0.004 * units(call), units);
    assertNear(metering.stage.cost.cpuMs, truth, 0.2, 'cpuMs');
  });

  it('does not take the slow first calls for the rest', () => {
    const metering = metered();
    const truth = run(metering, 20_000, (call) => (call < 100 ? 0.2 : 0.01));
    assertNear(metering.stage.cost.cpuMs, truth, 0.2, 'cpuMs');
  });

  it('follows a stage that becomes dearer', () => {
    const metering = metered();
    const truth = run(metering, 20_000, (call) => (call < 10_000 ? 0.001 : 0.05));
    assertNear(metering.stage.cost.cpuMs, truth, 0.2, 'cpuMs');
  });

  it('reports the time of calls that were not timed yet', () => {
    const metering = metered();
    run(metering, 5000, () => 0.001);
    const { timedCalls } = metering.stage;
    const before = metering.stage.cost.cpuMs;
    run(metering, 10, () => 0.001);
    assert.equal(metering.stage.timedCalls, timedCalls, 'this test wants ten calls between two timings');
    assertNear(metering.stage.cost.cpuMs - before, 0.01, 0.01, 'cpuMs of ten calls');
  });

  it('counts calls, MACs and bytes exactly', () => {
    const { stage } = metered();
    for (let call = 0; call < 1000; call++) {
      stage.begin(2);
      stage.end(1_000_000_007, 3, 5);
    }
    const { calls, macs, bytesIn, bytesOut } = stage.cost;
    assert.deepEqual(
      { calls, macs, bytesIn, bytesOut },
      {
        calls: 1000,
        macs: 1_000_000_007_000,
        bytesIn: 3000,
        bytesOut: 5000,
      },
    );
  });

  it('takes calls of no units', () => {
    const metering = metered();
    const truth = run(
      metering,
      100,
      () => 1,
      () => 0,
    );
    assertNear(metering.stage.cost.cpuMs, truth, 1e-9, 'cpuMs');
  });

  it('adds what was measured elsewhere, and tells calls from costs that none caused', () => {
    const { stage, clock } = metered();
    assert.equal(stage.addedCallMs, null);
    stage.add({ calls: 0, cpuMs: 100, macs: 0, bytesIn: 0, bytesOut: 0 });
    assert.equal(stage.addedCallMs, null);
    stage.add({ calls: 4, cpuMs: 8, macs: 400, bytesIn: 1000, bytesOut: 72 });
    stage.add({ calls: 1, cpuMs: 7, macs: 100, bytesIn: 250, bytesOut: 18 });
    assert.deepEqual(stage.cost, { calls: 5, cpuMs: 115, macs: 500, bytesIn: 1250, bytesOut: 90 });
    assert.equal(stage.addedCallMs, 3);
    assert.equal(clock.readings, 0);
  });

  it('counts from nothing after a reset, and need not learn again', () => {
    const metering = metered();
    run(metering, 10_000, () => 0.001);
    metering.stage.add({ calls: 1, cpuMs: 1, macs: 1, bytesIn: 1, bytesOut: 1 });
    metering.stage.reset();
    assert.deepEqual(metering.stage.cost, { calls: 0, cpuMs: 0, macs: 0, bytesIn: 0, bytesOut: 0 });
    assert.equal(metering.stage.timedCalls, 0);
    assert.equal(metering.stage.addedCallMs, null);
    const truth = run(metering, 10_000, () => 0.001);
    assertNear(metering.stage.cost.cpuMs, truth, 0.01, 'cpuMs');
    assert.ok(metering.stage.timedCalls < 10_000 / 20, `${metering.stage.timedCalls} timed`);
  });

  it('allocates nothing from call to call', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const metering = metered();
    const calls = (count: number) => {
      for (let call = 0; call < count; call++) {
        metering.stage.begin(1 + (call & 3));
        // Large enough that the counts pass 2^31 while this runs.
        metering.stage.end(50_000, 640, 80);
      }
    };
    calls(100_000);
    // What every call allocates is in every window; the compiler's own memory is only in some. The windows are short
    // enough that nothing is collected within one.
    let smallest = Number.POSITIVE_INFINITY;
    for (let window = 0; window < 50; window++) {
      collect();
      const before = process.memoryUsage().heapUsed;
      calls(10_000);
      smallest = Math.min(smallest, process.memoryUsage().heapUsed - before);
    }
    assert.ok(smallest >= 0 && smallest < 10_000, `${smallest} bytes in 10 000 calls`);
  });
});
