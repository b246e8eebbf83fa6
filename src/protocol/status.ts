import type { KeywordInfo } from './keywords.js';

export interface InputStatus {
  /** What is listened to. */
  readonly name: string;
  /**
   * `lost`: it failed and is tried again; `restored`: it is listened to again; `muted`: it was released, as was asked;
   * `ended`: all of it has been heard.
   */
  readonly state: 'opening' | 'listening' | 'lost' | 'restored' | 'muted' | 'ended';
  /** Why it is lost. */
  readonly reason: string | null;
  /** What is wrong with its sound though it comes, such as that it clips. */
  readonly problem: string | null;
}

export type ClassifierState = 'asleep' | 'waking' | 'awake';

/** Something that is wrong with a part of the daemon while it keeps running. */
export interface Problem {
  readonly part: 'classifier' | 'state' | 'captures' | 'log' | 'wyoming' | 'hooks' | 'mqtt' | 'fleet';
  /** In a sentence. */
  readonly problem: string;
}

/** The state of the daemon. */
export interface Status {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly input: InputStatus & {
    /** Root mean square of the last tenth of a second; null for digital silence or none. */
    readonly levelDbfs: number | null;
    /** Times that samples were missing. */
    readonly gaps: number;
    /** Times that a lost microphone gave sound again. */
    readonly restarts: number;
    /** ISO 8601: when it will be listened to again by itself; null where it is not muted, or for no set time. */
    readonly mutedUntil: string | null;
  };
  readonly gate: {
    readonly mode: 'on' | 'off';
    readonly threshold: number;
    readonly open: boolean;
    /** P(signal of interest) at the newest step. */
    readonly score: number;
    readonly maxScore: number;
    /** Steps of 40 ms that were looked at. */
    readonly steps: number;
    /** Of these, the ones that it let through. */
    readonly passed: number;
    readonly openings: number;
    /** Share of steps that the gate has stopped; null before the first. */
    readonly stopRate: number | null;
  };
  readonly classifier: {
    readonly state: ClassifierState;
    /** Null until it has first been awake. */
    readonly backend: 'node' | 'wasm' | null;
    readonly backendRequested: 'auto' | 'node' | 'wasm';
    readonly wakes: number;
    /** After its worker had died. */
    readonly restarts: number;
    readonly answered: number;
    /** Second looks that were answered. */
    readonly looks: number;
    /** Handoffs that were dropped for newer ones in a full queue. */
    readonly dropped: number;
    readonly queued: number;
    readonly inFlight: number;
    /** How long it took to wake, the last time. */
    readonly wakeMs: number | null;
  };
  readonly secondLook: {
    /** `none` where the model pack has no second look. */
    readonly mode: 'on' | 'off' | 'none';
    /** Times that it was asked. */
    readonly count: number;
    /** Of these, the ones that it did not confirm. */
    readonly refused: number;
  };
  readonly model: { readonly name: string; readonly description: string };
  readonly keywords: readonly KeywordInfo[];
  /** Empty where all is well. */
  readonly problems: readonly Problem[];
}
