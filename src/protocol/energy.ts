/** In the order in which audio meets them. */
export const STAGES = ['capture', 'features', 'gate', 'handoff', 'classifier', 'secondLook'] as const;
export type StageName = (typeof STAGES)[number];

export interface StageAccount {
  readonly calls: number;
  /** Calls that were timed; `cpuMs` is scaled up from them. 0 where CPU time was measured elsewhere and added. */
  readonly timedCalls: number;
  readonly cpuMs: number;
  /** Multiply-accumulates. */
  readonly macs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Estimated, in millijoules, on the named basis. */
  readonly energyMj: number;
  /** Name of the basis of `energyMj`. */
  readonly basis: string;
}

/** What the gate has saved: this pipeline against the cheapest always-on version of it, on the same audio. */
export interface Saved {
  readonly alwaysOnCpuMs: number;
  /** What it really took. */
  readonly cpuMs: number;
  /** alwaysOnCpuMs / cpuMs; 1 where nothing was heard yet. */
  readonly ratio: number;
  /** Energy of the difference; below zero where the gate costs more than it stops. */
  readonly energyMj: number;
  /** Name of the basis of `energyMj`. */
  readonly basis: string;
  /** How it was found, in a sentence for people. */
  readonly how: string;
}

/** What every stage has cost. */
export interface EnergyAccount {
  /** How CPU time was measured; `wall` is an upper bound of it. */
  readonly clock: 'thread-cpu' | 'wall';
  readonly basis: {
    readonly name: string;
    /** Whether it is the basis of a machine that this one is not. */
    readonly asIf: boolean;
    readonly how: string;
  };
  readonly stages: Readonly<Record<StageName, StageAccount>>;
  readonly total: { readonly cpuMs: number; readonly energyMj: number; readonly basis: string };
  /** Null as long as it is not known what a handoff costs. */
  readonly saved: Saved | null;
}

/** An account of the newest part of the past. */
export interface EnergyWindow extends EnergyAccount {
  /** How long it really is: windows begin at marks, which are 10 s apart, or further while nothing was heard. */
  readonly seconds: number;
}

/** The account since the start or the last reset, and recently. */
export interface Energy extends EnergyAccount {
  readonly lastMinute: EnergyWindow;
  readonly lastHour: EnergyWindow;
}

export const ENERGY_SPANS = ['minute', 'hour', 'day'] as const;
export type EnergySpan = (typeof ENERGY_SPANS)[number];

/** What a part of the past has cost. */
export interface EnergyBucket {
  /** ISO 8601: its end. */
  readonly time: string;
  readonly seconds: number;
  readonly stages: Readonly<Record<StageName, { readonly cpuMs: number; readonly energyMj: number }>>;
  readonly total: { readonly cpuMs: number; readonly energyMj: number };
  /** What an always-on classifier would have taken; null as long as it is not known what a handoff costs. */
  readonly alwaysOnCpuMs: number | null;
  /** That the classifier has answered. */
  readonly handoffs: number;
  /** Second looks. */
  readonly looks: number;
}

/** The account over time, oldest first: a minute by 10 s, an hour by 1 min, a day by 10 min. */
export interface EnergyHistory {
  readonly span: EnergySpan;
  readonly basis: EnergyAccount['basis'];
  readonly buckets: readonly EnergyBucket[];
}
