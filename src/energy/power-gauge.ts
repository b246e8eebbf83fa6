import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something in the machine that measures its power. */
export interface PowerGauge {
  /** As the basis of a figure is called. */
  readonly name: 'rapl' | 'pmic';
  /** What it measures, and how, for people. */
  readonly what: string;
  /** Mean power since the last reading where it counts energy, else the power of now, in watts; null where that fails. */
  read(): Promise<number | null>;
}

export interface GaugePlaces {
  /** Where the kernel shows the processor's energy counters. */
  readonly powercap?: string;
  /** Folders in which vcgencmd is looked for. */
  readonly path?: string | undefined;
}

/** The gauge that this machine has and this user may read; null where there is none. */
export function findGauge({
  powercap = '/sys/class/powercap',
  path = process.env.PATH,
}: GaugePlaces = {}): PowerGauge | null {
  const packages = raplPackages(powercap);
  if (packages.length > 0) return new RaplGauge(packages);
  const vcgencmd = (path ?? '').split(delimiter).map((folder) => join(folder, 'vcgencmd'));
  const found = vcgencmd.find((program) => isAllowed(program, constants.X_OK));
  return found === undefined ? null : new PmicGauge(found);
}

/** Folders of the counters of whole processors: intel-rapl:0, but not intel-rapl:0:1, which is a part of it. */
function raplPackages(powercap: string): string[] {
  let names: string[] = [];
  try {
    names = readdirSync(powercap);
  } catch {
    // No such counters on this machine.
  }
  return names
    .filter((name) => /^intel-rapl:\d+$/.test(name))
    .map((name) => join(powercap, name))
    .filter((folder) => isAllowed(join(folder, 'energy_uj'), constants.R_OK));
}

/** RAPL, the energy counters of Intel's and AMD's processors, in microjoules. Newer kernels show them to root only. */
class RaplGauge implements PowerGauge {
  readonly name = 'rapl';
  readonly what = 'the energy counters of the processor (RAPL)';
  readonly #folders: readonly string[];
  #lastUj: readonly number[] | null = null;
  #lastMs = 0;

  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  async read(): Promise<number | null> {
    const nowMs = performance.now();
    const nowUj = this.#folders.map((folder) => readNumber(join(folder, 'energy_uj')));
    if (nowUj.some(Number.isNaN)) return null;
    const before = this.#lastUj;
    const elapsedMs = nowMs - this.#lastMs;
    this.#lastUj = nowUj;
    this.#lastMs = nowMs;
    if (before === null || elapsedMs <= 0) return null;
    const spentUj = nowUj.map((uj, i) => {
      if (uj >= before[i]) return uj - before[i];
      // It has gone round, as it does every few minutes under load.
      return uj - before[i] + readNumber(join(this.#folders[i], 'max_energy_range_uj'));
    });
    const watts = spentUj.reduce((sum, uj) => sum + uj, 0) / elapsedMs / 1000;
    return Number.isFinite(watts) ? watts : null;
  }
}

const PMIC_TIMEOUT_MS = 2000;

/** The power management chip of a Raspberry Pi 5, which measures current and voltage of each of its outputs. */
class PmicGauge implements PowerGauge {
  readonly name = 'pmic';
  readonly what = 'current and voltage at the outputs of the power management chip (vcgencmd pmic_read_adc)';
  readonly #vcgencmd: string;

  constructor(vcgencmd: string) {
    this.#vcgencmd = vcgencmd;
  }

  read(): Promise<number | null> {
    return new Promise((resolve) => {
      execFile(this.#vcgencmd, ['pmic_read_adc'], { timeout: PMIC_TIMEOUT_MS }, (error, stdout) =>
        resolve(error === null ? wattsOf(stdout) : null),
      );
    });
  }
}

/**
 * `VDD_CORE_A current(7)=0.86530000A` and `VDD_CORE_V volt(15)=0.72038320V`: the sum over outputs that have both. Other
 * boards answer that they know no such command.
 */
function wattsOf(text: string): number | null {
  const amperes = new Map<string, number>();
  const volts = new Map<string, number>();
  for (const [, output, unit, value] of text.matchAll(/^\s*(\w+)_([AV]) \w+\(\d+\)=([\d.]+)[AV]\s*$/gm)) {
    (unit === 'A' ? amperes : volts).set(output, Number(value));
  }
  let watts = 0;
  for (const [output, current] of amperes) watts += current * (volts.get(output) ?? 0);
  return watts > 0 ? watts : null;
}

function readNumber(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch {
    return Number.NaN;
  }
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
