import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseBasis, EnergyMeter, STAGES } from '../../src/energy/index.js';
import { SimulatedClock } from '../support/simulated-clock.js';

/** No such file, so the basis is the one for machines that are no known board. */
const basis = chooseBasis('/nowhere/model');

function meter(incrementalShare?: number): { clock: SimulatedClock; energy: EnergyMeter } {
  const clock = new SimulatedClock(0.001);
  const share = incrementalShare === undefined ? {} : { incrementalShare };
  return { clock, energy: new EnergyMeter({ hopSteps: 4, clock, basis, ...share }) };
}

/** 100 ms of listening over 1000 steps, and two handoffs of 3 ms after a wake of 50 ms. */
function listen({ clock, energy }: ReturnType<typeof meter>): void {
  for (const [name, ms] of [
    ['capture', 1],
    ['features', 5],
    ['gate', 4],
  ] as const) {
    for (let call = 0; call < 10; call++) {
      energy.stage(name).begin(100);
      clock.work(ms);
      energy.stage(name).end(1000, 200, 100);
    }
  }
  energy.heard(1000);
  energy.stage('handoff').begin(1);
  clock.work(1);
  energy.stage('handoff').end(0, 2288, 250);
  energy.add('classifier', { calls: 0, cpuMs: 50, macs: 0, bytesIn: 0, bytesOut: 0 });
  energy.add('classifier', { calls: 2, cpuMs: 6, macs: 8_000_000, bytesIn: 500, bytesOut: 72 });
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-6 * Math.max(1, expected), `${actual}, expected ${expected}`);
}

describe('energy meter', () => {
  it('accounts for every stage, and prices nothing without its basis', () => {
    const metering = meter();
    listen(metering);
    const { clock, stages, total, basis: said } = metering.energy.snapshot();
    assert.equal(clock, 'thread-cpu');
    assert.deepEqual(Object.keys(stages), [...STAGES]);
    for (const stage of [...Object.values(stages), total]) {
      assert.equal(stage.basis, basis.name);
      near(stage.energyMj, 0.375 * stage.cpuMs);
    }
    assert.deepEqual(said, { name: basis.name, asIf: true, how: basis.how });
    near(stages.features.cpuMs, 50);
    near(stages.classifier.cpuMs, 56);
    near(total.cpuMs, 10 + 50 + 40 + 1 + 56);
    assert.equal(stages.gate.calls, 10);
    assert.equal(stages.gate.macs, 10_000);
    assert.equal(stages.classifier.macs, 8_000_000);
    assert.equal(stages.handoff.bytesOut, 250);
    assert.equal(stages.capture.timedCalls, 10);
  });

  it('reports what an always-on classifier would have cost', () => {
    const metering = meter();
    listen(metering);
    const saved = metering.energy.snapshot().saved;
    assert.ok(saved !== null);
    // 250 handoffs at 3 ms; waking is not among what it would have cost.
    near(saved.alwaysOnCpuMs, 100 + 250 * 3);
    near(saved.cpuMs, 157);
    near(saved.ratio, 850 / 157);
    near(saved.energyMj, 0.375 * (850 - 157));
    assert.equal(saved.basis, basis.name);
    assert.match(saved.how, /250 handoffs at 3\.000 ms/);
  });

  it('lets the always-on classifier be an incremental one', () => {
    const metering = meter(0.2);
    listen(metering);
    const saved = metering.energy.snapshot().saved;
    near(saved?.alwaysOnCpuMs ?? Number.NaN, 100 + 250 * 3 * 0.2);
    assert.match(saved?.how ?? '', /would pay 0\.2/);
  });

  it('claims no saving before a handoff was measured', () => {
    const { energy } = meter();
    energy.heard(1000);
    energy.add('classifier', { calls: 0, cpuMs: 50, macs: 0, bytesIn: 0, bytesOut: 0 });
    assert.equal(energy.snapshot().saved, null);
  });

  it('admits a loss', () => {
    const { energy } = meter();
    energy.heard(4);
    energy.add('classifier', { calls: 2, cpuMs: 6, macs: 0, bytesIn: 0, bytesOut: 0 });
    const saved = energy.snapshot().saved;
    near(saved?.ratio ?? Number.NaN, 0.5);
    near(saved?.energyMj ?? Number.NaN, -3 * 0.375);
  });

  it('counts from nothing after a reset, knowing still what a handoff costs', () => {
    const metering = meter();
    listen(metering);
    metering.energy.reset();
    const { stages, total, saved } = metering.energy.snapshot();
    assert.equal(total.cpuMs, 0);
    for (const stage of Object.values(stages)) {
      assert.deepEqual([stage.calls, stage.macs, stage.bytesIn, stage.bytesOut], [0, 0, 0, 0]);
    }
    assert.equal(saved?.alwaysOnCpuMs, 0);
    assert.equal(saved?.ratio, 1);
    metering.energy.heard(40);
    near(metering.energy.snapshot().saved?.alwaysOnCpuMs ?? Number.NaN, 30);
    metering.energy.reset();
    metering.energy.heard(40);
    near(metering.energy.snapshot().saved?.alwaysOnCpuMs ?? Number.NaN, 30);
  });

  it('is ready for JSON', () => {
    const metering = meter();
    listen(metering);
    const account = metering.energy.snapshot();
    assert.deepEqual(JSON.parse(JSON.stringify(account)), account);
  });

  it('runs on the clock and the basis of this machine', () => {
    const energy = new EnergyMeter({ hopSteps: 4 });
    const stage = energy.stage('features');
    let sum = 0;
    for (let call = 0; call < 50; call++) {
      stage.begin(1);
      for (let i = 0; i < 10_000; i++) sum += Math.sqrt(i);
      stage.end(0, 0, 0);
    }
    assert.ok(sum > 0);
    const { clock, stages, basis: said } = energy.snapshot();
    assert.equal(clock, 'threadCpuUsage' in process ? 'thread-cpu' : 'wall');
    assert.ok(stages.features.cpuMs >= 0);
    assert.ok(stages.features.timedCalls > 0);
    assert.match(said.name, /^profile:/);
  });
});
