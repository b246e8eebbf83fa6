import { type EnergyAccount, STAGES, type StageAccount, type StageName } from '../protocol/index.js';
import { chooseBasis, type EnergyBasis } from './basis.js';
import { bestClock, type CpuClock, readingCostMs } from './clock.js';
import { estimateSaved } from './saved.js';
import { type StageCost, StageMeter } from './stage-meter.js';

export interface EnergyMeterOptions {
  /**
   * Steps between the handoffs of an always-on classifier, as between those of an open gate. By default those of the
   * pack of the first listener that is given this meter.
   */
  readonly hopSteps?: number;
  /**
   * What the cheapest always-on classifier would pay for a handoff, as a share of what a whole window costs:
   * 1 for one that computes whole windows, less for one that computes only what is new in each. Default 1.
   */
  readonly incrementalShare?: number;
  /** Default: the best that Node has. */
  readonly clock?: CpuClock;
  /** Default: the best that the machine has. */
  readonly basis?: EnergyBasis;
}

/** Numbers that {@link EnergyMeter.mark} writes: the handoffs, then six of each stage. */
export const MARK_LENGTH = 1 + 6 * STAGES.length;

/** Keeps the account of every stage of one thread's pipeline. */
export class EnergyMeter {
  readonly #stages: Readonly<Record<StageName, StageMeter>>;
  readonly #clock: CpuClock;
  readonly #basis: EnergyBasis;
  #hopSteps: number | null;
  readonly #incrementalShare: number;
  /** Handoffs that an always-on classifier would have had. */
  #handoffsHeard = 0;
  /** Of the time before the last reset. */
  #earlierHandoffMs: number | null = null;

  constructor({ hopSteps, incrementalShare = 1, clock, basis }: EnergyMeterOptions = {}) {
    this.#clock = clock ?? bestClock();
    this.#basis = basis ?? chooseBasis();
    this.#hopSteps = hopSteps ?? null;
    this.#incrementalShare = incrementalShare;
    const readingMs = readingCostMs(this.#clock);
    const meter = () => new StageMeter(this.#clock, readingMs);
    this.#stages = {
      capture: meter(),
      features: meter(),
      gate: meter(),
      handoff: meter(),
      classifier: meter(),
      secondLook: meter(),
    };
  }

  /** The same one each time; get it once, outside the hot path. */
  stage(name: StageName): StageMeter {
    return this.#stages[name];
  }

  /**
   * Adds work that was measured elsewhere: the classifier's `calls` are the handoffs that it has answered.
   */
  add(name: StageName, cost: StageCost): void {
    this.#stages[name].add(cost);
  }

  /**
   * Counts steps of audio that went through the gate, open or not: an always-on classifier would have had
   * them all.
   */
  heard(steps: number): void {
    if (this.#hopSteps !== null) this.#handoffsHeard += steps / this.#hopSteps;
  }

  /** Steps between the handoffs of an always-on classifier; null until it is known. */
  get hopSteps(): number | null {
    return this.#hopSteps;
  }

  /** What CPU time of this machine is worth, on the basis of this account. */
  priceOf(cpuMs: number): { readonly energyMj: number; readonly basis: string } {
    return { energyMj: this.#basis.energyMj(cpuMs), basis: this.#basis.name };
  }

  /** From now on an always-on classifier would have a handoff every `steps` steps, since the pack has changed. */
  handOverEvery(hopSteps: number): void {
    this.#hopSteps = hopSteps;
  }

  /**
   * Writes down how far all counters are, for a later {@link snapshot} of what came after.
   *
   * @param target [{@link MARK_LENGTH}]
   */
  mark(target: Float64Array): void {
    target[0] = this.#handoffsHeard;
    for (let i = 0, at = 1; i < STAGES.length; i++) {
      const { cost, timedCalls } = this.#stages[STAGES[i]];
      target[at++] = cost.calls;
      target[at++] = cost.cpuMs;
      target[at++] = cost.macs;
      target[at++] = cost.bytesIn;
      target[at++] = cost.bytesOut;
      target[at++] = timedCalls;
    }
  }

  /**
   * @param since what {@link mark} wrote when the account is to begin; by default the start, or the last reset
   * @param until what it wrote when the account is to end; by default now
   */
  snapshot(since: Float64Array = new Float64Array(MARK_LENGTH), until?: Float64Array): EnergyAccount {
    const basis = this.#basis;
    const now = until ?? new Float64Array(MARK_LENGTH);
    if (until === undefined) this.mark(now);
    const count = now.map((value, i) => value - since[i]);
    const account = (name: StageName): StageAccount => {
      const at = 1 + 6 * STAGES.indexOf(name);
      const [calls, spentMs, macs, bytesIn, bytesOut, timedCalls] = count.subarray(at, at + 6);
      // The estimate for calls that were not timed is corrected later, so that a difference may be below zero.
      const cpuMs = Math.max(0, spentMs);
      const energyMj = basis.energyMj(cpuMs);
      return { calls, cpuMs, macs, bytesIn, bytesOut, timedCalls, energyMj, basis: basis.name };
    };
    const stages = {
      capture: account('capture'),
      features: account('features'),
      gate: account('gate'),
      handoff: account('handoff'),
      classifier: account('classifier'),
      secondLook: account('secondLook'),
    };
    const cpuMs = STAGES.reduce((sum, name) => sum + stages[name].cpuMs, 0);
    return {
      clock: this.#clock.kind,
      basis: { name: basis.name, asIf: basis.asIf, how: basis.how },
      stages,
      total: { cpuMs, energyMj: basis.energyMj(cpuMs), basis: basis.name },
      saved: estimateSaved({
        cpuMs,
        listeningCpuMs: stages.capture.cpuMs + stages.features.cpuMs + stages.gate.cpuMs,
        handoffs: Math.floor(count[0]),
        handoffMs: this.#handoffMs(),
        incrementalShare: this.#incrementalShare,
        basis,
      }),
    };
  }

  /** Counts from nothing again. What a handoff was found to cost is kept: the pack is still the same. */
  reset(): void {
    this.#earlierHandoffMs = this.#handoffMs();
    this.#handoffsHeard = 0;
    for (const name of STAGES) this.#stages[name].reset();
  }

  #handoffMs(): number | null {
    return this.#stages.classifier.addedCallMs ?? this.#earlierHandoffMs;
  }
}
