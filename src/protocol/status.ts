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
  readonly part:
    | 'input'
    | 'sound'
    | 'classifier'
    | 'clock'
    | 'connections'
    | 'state'
    | 'captures'
    | 'log'
    | 'wyoming'
    | 'hooks'
    | 'mqtt'
    | 'fleet';
  /** In a sentence. */
  readonly problem: string;
}

/** A satellite of a fleet. */
export interface FleetStatus {
  readonly satellite: string;
  readonly room: string;
  /** Of the rooms that answer once; null for none. */
  readonly group: string | null;
  readonly broker: string;
  readonly connected: boolean;
  /** Who classifies: this machine, workers, or workers with this machine where none can be reached. */
  readonly classifiedBy: 'own' | 'workers' | 'auto';
  /** Names of the workers that hold its pack. */
  readonly workers: readonly string[];
  /** Rooms of the group that are there, this one included. */
  readonly rooms: readonly string[];
  /** Handoffs: sent to workers, answered by them, sent once more, answered by nobody, answered here. */
  readonly sent: number;
  readonly answered: number;
  readonly again: number;
  readonly lost: number;
  readonly own: number;
  /** Answers that came twice, or too late. */
  readonly duplicates: number;
  /** From a handoff to its answer, in ms: mean of the newest. */
  readonly lagMs: number;
  /** Words that this room answered, and those that another room did. */
  readonly detections: number;
  readonly outvoted: number;
  /** The way of the newest word; null before the first. */
  readonly trace: FleetTrace | null;
}

/** How a word came to be answered. Times are in ms, from the first of its handoffs. */
export interface FleetTrace {
  readonly keyword: string;
  readonly sample: number;
  readonly handoffs: readonly {
    /** Sample number at the end of its window. */
    readonly endSample: number;
    readonly bytes: number;
    readonly sentMs: number;
    /** When the broker had it. */
    readonly takenMs: number | null;
    readonly answeredMs: number | null;
    readonly worker: string | null;
    /** From its arrival at the worker to the answer. */
    readonly workerMs: number | null;
    readonly cpuMs: number | null;
    /** How often it was sent. */
    readonly times: number;
  }[];
  /** When the classifier's answers made it a detection. */
  readonly detectedMs: number;
  /** When it was known which room answers. */
  readonly decidedMs: number;
  /** Rooms that had heard it by then, and the one that answers. */
  readonly rooms: number;
  readonly answeredBy: string;
  /** Level over this microphone's own noise, in dB. */
  readonly snrDb: number;
}

/** How the connection to the MQTT broker fares, since the start. */
export interface MqttStatus {
  readonly connected: boolean;
  /** Messages that the broker has taken. */
  readonly sent: number;
  /** Messages that wait for it. */
  readonly waiting: number;
  /** Messages that were too many or too old when it was back. */
  readonly dropped: number;
  /** Messages to wakegate that were not read, since they were too large. */
  readonly ignored: number;
}

/** How Wyoming fares, since the start. */
export interface WyomingStatus {
  /** To the server, at the moment. */
  readonly connections: number;
  /** Detections that were sent to `wyomingPeers`, each of them counted for itself. */
  readonly sent: number;
  /** Detections that were too many or too old when a peer was back. */
  readonly dropped: number;
}

/** The state of the daemon. */
export interface Status {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly input: InputStatus & {
    /** Root mean square of the last tenth of a second; null for digital silence or none. */
    readonly levelDbfs: number | null;
    /** Level of the room when nothing stands out; null before any sound. */
    readonly noiseDbfs: number | null;
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
    readonly backend: 'simd' | 'node' | 'wasm' | null;
    readonly backendRequested: 'auto' | 'simd' | 'node' | 'wasm';
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
  /** As a satellite of a fleet; absent where it is none. */
  readonly fleet?: FleetStatus;
  readonly model: { readonly name: string; readonly description: string };
  readonly keywords: readonly KeywordInfo[];
  /** Null where it is off. */
  readonly mqtt: MqttStatus | null;
  /** Null where it is off. */
  readonly wyoming: WyomingStatus | null;
  /** Empty where all is well. */
  readonly problems: readonly Problem[];
}
