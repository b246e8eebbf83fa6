import { readFileSync } from 'node:fs';
import type { EnergyBasis } from './basis.js';
import type { PowerGauge } from './power-gauge.js';

/** How far readings lie apart: each one wakes nothing up, but the chip of a Raspberry Pi is asked by a program. */
const SPACING_MS = 30_000;
/** Readings that are looked back on: half an hour. */
const READINGS = 60;
/** A line through less than this, or through loads that are all alike, says nothing. */
const LEAST_READINGS = 6;
const LEAST_SPREAD_CORES = 0.02;
/** /proc/stat counts in hundredths of a second, on every machine that Linux runs Node on. */
const TICKS_PER_SECOND = 100;

interface Reading {
  /** Cores busy meanwhile, of the whole machine. */
  readonly cores: number;
  readonly watts: number;
}

/**
 * Energy by the machine's own gauge. A gauge measures everything, idling too; what a stage adds is CPU time x the
 * extra power of a busy core, and that is the slope of the least-squares line through power over busy cores, as both go up
 * and down by themselves. Until the line can be drawn, another basis stands in, by its own name.
 */
export class MeasuredBasis implements EnergyBasis {
  readonly #gauge: PowerGauge;
  readonly #standIn: EnergyBasis;
  readonly #statFile: string;
  readonly #readings: Reading[] = [];
  #wattsPerCore: number | null = null;
  #lastTriedMs = Number.NEGATIVE_INFINITY;
  #lastBusyTicks = Number.NaN;
  #lastReadMs = 0;

  constructor(gauge: PowerGauge, standIn: EnergyBasis, statFile = '/proc/stat') {
    this.#gauge = gauge;
    this.#standIn = standIn;
    this.#statFile = statFile;
  }

  get name(): string {
    return this.#wattsPerCore === null ? this.#standIn.name : this.#gauge.name;
  }

  get asIf(): boolean {
    return this.#wattsPerCore === null && this.#standIn.asIf;
  }

  get how(): string {
    if (this.#wattsPerCore === null) {
      return `${this.#standIn.how} (${this.#gauge.what} will be used once its readings show what a busy core adds.)`;
    }
    const loads = this.#readings.map(({ cores }) => cores);
    const span = `${Math.min(...loads).toFixed(2)} to ${Math.max(...loads).toFixed(2)} busy cores`;
    return (
      `Measured by ${this.#gauge.what}: CPU time x ${this.#wattsPerCore.toFixed(3)} W, which is what a busy core adds ` +
      `to the power of all, by ${this.#readings.length} readings at ${span}.`
    );
  }

  energyMj(cpuMs: number): number {
    return this.#wattsPerCore === null ? this.#standIn.energyMj(cpuMs) : cpuMs * this.#wattsPerCore;
  }

  heard(nowMs: number): void {
    if (nowMs - this.#lastTriedMs < SPACING_MS) return;
    this.#lastTriedMs = nowMs;
    void this.#read(nowMs);
  }

  async #read(nowMs: number): Promise<void> {
    const watts = await this.#gauge.read();
    const busyTicks = this.#busyTicks();
    const seconds = (nowMs - this.#lastReadMs) / 1000;
    const cores = (busyTicks - this.#lastBusyTicks) / TICKS_PER_SECOND / seconds;
    this.#lastBusyTicks = busyTicks;
    this.#lastReadMs = nowMs;
    if (watts === null || Number.isNaN(cores)) return;
    this.#readings.push({ cores, watts });
    if (this.#readings.length > READINGS) this.#readings.shift();
    this.#wattsPerCore = slopeOf(this.#readings);
  }

  /** What all cores together have worked since the machine was started. */
  #busyTicks(): number {
    try {
      const [, user, nice, system, , , irq, softirq] = readFileSync(this.#statFile, 'utf8')
        .split('\n', 1)[0]
        .split(/ +/)
        .map(Number);
      return user + nice + system + irq + softirq;
    } catch {
      return Number.NaN;
    }
  }
}

/** Watts that one more busy core adds; null where the readings do not show it. */
function slopeOf(readings: readonly Reading[]): number | null {
  const n = readings.length;
  if (n < LEAST_READINGS) return null;
  const meanCores = readings.reduce((sum, { cores }) => sum + cores, 0) / n;
  const meanWatts = readings.reduce((sum, { watts }) => sum + watts, 0) / n;
  let variance = 0;
  let covariance = 0;
  for (const { cores, watts } of readings) {
    variance += (cores - meanCores) ** 2 / n;
    covariance += ((cores - meanCores) * (watts - meanWatts)) / n;
  }
  if (Math.sqrt(variance) < LEAST_SPREAD_CORES || covariance <= 0) return null;
  return covariance / variance;
}
