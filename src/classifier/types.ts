import type { EventEmitter } from 'node:events';

/** What the full classifier says of one handoff. */
export interface Classification {
  readonly streamId: number;
  /** Number of the handoff's last step. */
  readonly step: number;
  /** Sample number at the end of the handoff's last step. */
  readonly endSample: number;
  /**
   * [positions, keywords + 1], oldest position first; column 0 is "none", column k + 1 is keyword k of the pack.
   */
  readonly posteriors: Float32Array;
}

/** A classification and what it cost. */
export interface CostedClassification extends Classification {
  /** CPU time in the worker, in milliseconds: this handoff's share of its batch. */
  readonly cpuMs: number;
}

/** What the second look says of some sound, and what it cost. */
export interface CostedLook {
  /** [keywords + 1], "none" first. */
  readonly posteriors: Float32Array;
  /** CPU time in the worker, in milliseconds. */
  readonly cpuMs: number;
}

export type ClassifierState = 'asleep' | 'waking' | 'awake';

/** `simd`: our own kernels; `wasm` and `node`: TensorFlow.js on its WebAssembly backend, and on libtensorflow. */
export type BackendChoice = 'auto' | 'simd' | TensorFlowName;

export type BackendName = Exclude<BackendChoice, 'auto'>;

/** Those that TensorFlow.js runs on. */
export type TensorFlowName = 'node' | 'wasm';

export interface ClassifierStatus {
  readonly state: ClassifierState;
  /** What the worker runs on; null until it has first been awake. */
  readonly backend: BackendName | null;
  readonly backendRequested: BackendChoice;
  /** Times that a handoff woke it. */
  readonly wakes: number;
  /** Times that the worker was started again because it had died. */
  readonly restarts: number;
  readonly answered: number;
  /** Second looks that were answered. */
  readonly looks: number;
  /** Deaths of workers since the last answer. */
  readonly deaths: number;
  /** Handoffs that were dropped for newer ones in a full queue, or were too old when a worker could be had again. */
  readonly dropped: number;
  readonly queued: number;
  readonly inFlight: number;
  /** From the start of the worker to its being awake, the last time; null until it has first been awake. */
  readonly wakeMs: number | null;
}

export interface StateChange {
  readonly state: ClassifierState;
  readonly previous: ClassifierState;
  /** For people: why. */
  readonly reason: string;
}

/** A worker ended without being asked to, or gave no answer in time. */
export interface WorkerDeath {
  /** For people: why. */
  readonly why: string;
  /** Whether it gave no answer in time, and was ended for that. */
  readonly hung: boolean;
  /** In a row, since the last answer. */
  readonly deaths: number;
  /** How long until the next worker is started, in ms. */
  readonly restMs: number;
}

/** CPU time spent in the worker, in milliseconds. `handoffs` is 0 where only waking was paid for. */
export interface ClassifierCost {
  readonly handoffs: number;
  readonly cpuMs: number;
  readonly wakeCpuMs: number;
}

/** The part of a pino logger that is used here. */
export interface ClassifierLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface ClassifierEvents {
  state: [change: StateChange];
  death: [death: WorkerDeath];
  cost: [cost: ClassifierCost];
}

/** Answers handoffs, here or elsewhere. */
export interface HandoffClassifier extends EventEmitter<ClassifierEvents> {
  /** Answers of a stream resolve in the order of its calls: to null where the handoff was dropped for newer ones. */
  classify(message: Uint8Array): Promise<CostedClassification | null>;
  /** Has the second look judge some sound; rejects where there is none. */
  look(samples: Int16Array): Promise<CostedLook | null>;
  /** Resolves once there is room: who awaits it before each {@link classify} loses nothing. */
  ready(): Promise<void>;
  /** Whether {@link ready} would resolve at once: asked first, it saves what waiting costs. */
  readonly hasRoom: boolean;
  status(): ClassifierStatus;
  /** How long it stays awake with nothing to do, at least. */
  set idleMs(idleMs: number);
  /** What has no answer yet is rejected with `WG_CLASSIFIER_CLOSED`. */
  close(): Promise<void>;
}
