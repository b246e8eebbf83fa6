import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { chooseBasis, findGauge, MeasuredBasis, type PowerGauge } from '../../src/energy/index.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const nothing = join(folder, 'nothing');

function raplTree(packages: Readonly<Record<string, number>>): string {
  const powercap = join(folder, `powercap-${Math.random()}`);
  for (const [name, uj] of Object.entries(packages)) {
    mkdirSync(join(powercap, name), { recursive: true });
    writeFileSync(join(powercap, name, 'energy_uj'), `${uj}\n`);
    writeFileSync(join(powercap, name, 'max_energy_range_uj'), '262143328850\n');
  }
  return powercap;
}

/** As a Raspberry Pi 5 prints it, cut short; one output has a voltage only. */
const PMIC = `   3V7_WL_SW_A current(0)=0.10000000A
   3V3_SYS_A current(1)=0.05000000A
   VDD_CORE_A current(7)=2.00000000A
   3V7_WL_SW_V volt(8)=3.70000000V
   3V3_SYS_V volt(9)=3.30000000V
   VDD_CORE_V volt(15)=0.75000000V
   EXT5V_V volt(24)=5.15000000V
`;

function vcgencmd(text: string, code = 0): string {
  const bin = join(folder, `bin-${Math.random()}`);
  mkdirSync(bin);
  writeFileSync(join(bin, 'out'), text);
  writeFileSync(
    join(bin, 'vcgencmd'),
    `#!/bin/sh\n[ "$1" = pmic_read_adc ] && cat ${bin}/out\nexit ${code}\n`,
    {
      mode: 0o755,
    },
  );
  return bin;
}

test("RAPL's counters of whole processors are added up, and their parts left out", async () => {
  const powercap = raplTree({ 'intel-rapl:0': 5_000_000, 'intel-rapl:1': 1_000_000, 'intel-rapl:0:0': 7 });
  const gauge = findGauge({ powercap, path: nothing })!;
  assert.equal(gauge.name, 'rapl');
  const startMs = performance.now();
  assert.equal(await gauge.read(), null, 'one reading of a counter says nothing');
  await new Promise((resolve) => setTimeout(resolve, 50));
  writeFileSync(join(powercap, 'intel-rapl:0', 'energy_uj'), '5600000\n');
  writeFileSync(join(powercap, 'intel-rapl:1', 'energy_uj'), '1400000\n');
  const watts = (await gauge.read())!;
  // 1 J over the time between the two readings, which was at least 45 ms and at most what has passed by now.
  assert.ok(watts <= 1000 / 45 && watts >= 1000 / (performance.now() - startMs + 5), `${watts} W`);
});

test("RAPL's counter that has gone round is not taken for less than nothing", async () => {
  const powercap = raplTree({ 'intel-rapl:0': 262_143_000_000 });
  const gauge = findGauge({ powercap, path: nothing })!;
  await gauge.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  writeFileSync(join(powercap, 'intel-rapl:0', 'energy_uj'), '671150\n');
  const watts = (await gauge.read())!;
  assert.ok(watts > 0 && watts <= 1000 / 15, `1 J in at least 15 ms: ${watts} W`);
});

test('the power management chip of a Raspberry Pi 5: current times voltage, of outputs that have both', async () => {
  const gauge = findGauge({ powercap: nothing, path: vcgencmd(PMIC) })!;
  assert.equal(gauge.name, 'pmic');
  assert.ok(Math.abs((await gauge.read())! - (0.1 * 3.7 + 0.05 * 3.3 + 2 * 0.75)) < 1e-9);
});

test('a board without that chip gives no reading, and a machine without either has no gauge', async () => {
  const older = findGauge({
    powercap: nothing,
    path: vcgencmd('error=1 error_msg="Command not registered"\n'),
  })!;
  assert.equal(await older.read(), null);
  assert.equal(await findGauge({ powercap: nothing, path: vcgencmd('', 1) })!.read(), null);
  assert.equal(findGauge({ powercap: nothing, path: nothing }), null);
});

test('counters that only root may read are no gauge', {
  skip: process.getuid?.() === 0 && 'root may read all',
}, () => {
  const powercap = raplTree({ 'intel-rapl:0': 1 });
  chmodSync(join(powercap, 'intel-rapl:0', 'energy_uj'), 0);
  assert.equal(findGauge({ powercap, path: nothing }), null);
});

/** A machine of two cores that takes 2 W, and 1.5 W more for each busy core, under the given loads of 30 s each. */
async function underLoads(name: 'rapl' | 'pmic', loads: readonly number[]): Promise<MeasuredBasis> {
  const stat = join(folder, `stat-${Math.random()}`);
  let cores = 0;
  const gauge: PowerGauge = { name, what: 'a gauge', read: async () => 2 + 1.5 * cores };
  const basis = new MeasuredBasis(gauge, chooseBasis(nothing), stat);
  let busyTicks = 1000;
  for (const [i, load] of [0, ...loads].entries()) {
    cores = load;
    busyTicks += load * 30 * 100;
    // user nice system idle iowait irq softirq steal
    writeFileSync(stat, `cpu  ${busyTicks - 30} 10 10 999999 55 5 5 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n`);
    basis.heard(i * 30_000);
    basis.heard(i * 30_000 + 100); // too soon for another reading
    await turn();
  }
  return basis;
}

for (const name of ['rapl', 'pmic'] as const) {
  test(`${name}: CPU time costs what a busy core was measured to add, and the basis says so`, async () => {
    const basis = await underLoads(name, [0.1, 0.5, 0.2, 1.2, 0.1, 0.9]);
    assert.equal(basis.name, name);
    assert.equal(basis.asIf, false);
    assert.ok(Math.abs(basis.energyMj(2000) - 3000) < 1e-6);
    assert.match(
      basis.how,
      /^Measured by a gauge: CPU time x 1\.500 W.*6 readings at 0\.10 to 1\.20 busy cores/,
    );
  });
}

test('until there are enough readings, the profile stands in by its own name', async () => {
  for (const loads of [[], [0.1, 0.5, 0.2], [0.3, 0.3, 0.31, 0.3, 0.3, 0.3, 0.3]]) {
    const basis = await underLoads('rapl', loads);
    assert.equal(basis.name, 'profile:pi-zero-2w');
    assert.equal(basis.asIf, true);
    assert.equal(basis.energyMj(2000), 750);
    assert.match(basis.how, /^As if on a Raspberry Pi Zero 2 W: .*\(a gauge will be used/);
  }
});
