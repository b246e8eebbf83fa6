import { chooseBasis, EnergyHistory, EnergyMeter, findGauge, MeasuredBasis } from '../energy/index.js';
import type { Energy, EnergySpan, EnergyHistory as History } from '../protocol/index.js';

/**
 * What an always-on classifier that computes only what is new would pay for a handoff, as a share of a whole window:
 * `npm run bench` measures it.
 */
const INCREMENTAL_SHARE = 0.8;

/** What listening to the input costs: in all, and recently. Times are in milliseconds, on one clock for all calls. */
export class DaemonEnergy {
  readonly meter: EnergyMeter;
  readonly #basis: MeasuredBasis | null;
  readonly #history: EnergyHistory;

  /** @param hopSteps of the pack that is listened with */
  constructor(hopSteps: number, nowMs: number) {
    const gauge = findGauge();
    this.#basis = gauge && new MeasuredBasis(gauge, chooseBasis());
    this.meter = new EnergyMeter({
      basis: this.#basis ?? chooseBasis(),
      hopSteps,
      incrementalShare: INCREMENTAL_SHARE,
    });
    this.#history = new EnergyHistory(this.meter, nowMs);
  }

  /** To be called now and then while sound comes: nothing here has a timer. */
  heard(nowMs: number): void {
    this.#history.heard(nowMs);
    this.#basis?.heard(nowMs);
  }

  account(nowMs: number): Energy {
    return {
      ...this.meter.snapshot(),
      lastMinute: this.#history.last(60_000, nowMs),
      lastHour: this.#history.last(3_600_000, nowMs),
    };
  }

  /** @param wallMs the same moment as `nowMs`, since the epoch */
  history(span: EnergySpan, nowMs: number, wallMs: number): History {
    const { basis } = this.meter.snapshot();
    return { span, basis, buckets: this.#history.over(span, nowMs, wallMs) };
  }

  /** Counts from nothing again. */
  reset(nowMs: number): void {
    this.#history.reset(nowMs);
  }
}
