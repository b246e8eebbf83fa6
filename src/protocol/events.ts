import type { KeywordInfo, KeywordJob } from './keywords.js';
import type { ClassifierState, InputStatus, Problem } from './status.js';

export const EVENT_TYPES = [
  'detection',
  'gate',
  'classifier',
  'input',
  'config',
  'problem',
  'test',
  'outvoted',
  'keyword',
  'level',
  'scores',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Those that come ten times a second: they are not numbered, and measured only while someone asks for them. */
export const LIVE_EVENT_TYPES = ['level', 'scores'] as const satisfies readonly EventType[];

/** Whether events of a type come ten times a second, without numbers. */
export function isLive(type: string): type is (typeof LIVE_EVENT_TYPES)[number] {
  return (LIVE_EVENT_TYPES as readonly string[]).includes(type);
}

/** What every event carries. */
export interface EventEnvelope {
  /**
   * Counts up by one with every event of any type but level and scores, which have the number of the event before them. A
   * daemon that is started later has higher numbers.
   */
  readonly sequence: number;
  /** ISO 8601: when it was sent. */
  readonly time: string;
}

/** A place in a stream. */
interface Place {
  /** Sample number, at 16 kHz, from the start of listening. */
  readonly sample: number;
  /** The same in seconds. */
  readonly seconds: number;
}

export interface DetectionEvent extends EventEnvelope, Place {
  readonly type: 'detection';
  readonly keyword: string;
  /** What the keyword is called for people. */
  readonly label: string;
  /** Smoothed posterior; after a second look, both opinions joined. */
  readonly score: number;
  /** What `score` is joined from; null without a second look. */
  readonly secondLook: { readonly posterior: number; readonly second: number } | null;
  /** ISO 8601: when the keyword was over, on the wall clock. */
  readonly heardAt: string;
  /** Spent since the gate opened. */
  readonly cost: {
    readonly handoffs: number;
    /** Of these handoffs. */
    readonly bytes: number;
    /** The classifier's CPU time for them. */
    readonly cpuMs: number;
    /** An estimate for that time, on the named basis. */
    readonly energyMj: number;
    readonly basis: string;
  };
}

export interface GateEvent extends EventEnvelope, Place {
  readonly type: 'gate';
  readonly open: boolean;
  /** P(signal of interest). */
  readonly score: number;
}

export interface ClassifierEvent extends EventEnvelope {
  readonly type: 'classifier';
  readonly state: ClassifierState;
  readonly previous: ClassifierState;
  /** For people: why. */
  readonly reason: string;
}

export interface InputEvent extends EventEnvelope, InputStatus {
  readonly type: 'input';
}

/** A keyword, or the model pack, is another from now on. */
export interface ConfigEvent extends EventEnvelope {
  readonly type: 'config';
  readonly keyword?: KeywordInfo;
  readonly model?: { readonly name: string; readonly description: string };
}

/** Something is wrong with a part of the daemon, or is not any more. Listening continues. */
export interface ProblemEvent extends EventEnvelope {
  readonly type: 'problem';
  readonly part: Problem['part'];
  /** In a sentence; null where it is over. */
  readonly problem: string | null;
}

/** Someone asked for a test of the ways out: bridges send it on, and nothing was heard. */
export interface TestEvent extends EventEnvelope {
  readonly type: 'test';
  readonly keyword: string;
  /** What the keyword is called for people. */
  readonly label: string;
  /** Whether bridges are to do what they do at a word, such as fire Home Assistant's event entity. */
  readonly fire: boolean;
}

/** Several rooms have heard a word, and another one answers. */
export interface OutvotedEvent extends EventEnvelope, Place {
  readonly type: 'outvoted';
  readonly keyword: string;
  /** What the keyword is called for people. */
  readonly label: string;
  readonly score: number;
  /** ISO 8601: when the keyword was over, on the wall clock. */
  readonly heardAt: string;
  /** Level over this microphone's own noise, in dB. */
  readonly snrDb: number;
  /** Who answers: the name of its wakegate, and its room. */
  readonly satellite: string;
  readonly room: string;
}

/** How far a keyword is that is being made. */
export interface KeywordEvent extends EventEnvelope, KeywordJob {
  readonly type: 'keyword';
}

/** Root mean square of a tenth of a second, up to `sample`. */
export interface LevelEvent extends EventEnvelope, Place {
  readonly type: 'level';
  /** Null for digital silence. */
  readonly dbfs: number | null;
}

/** A second look at what the classifier would detect, and what came of it. */
export interface Look {
  readonly keyword: string;
  /** Sample number at the end of the position that asked for it. */
  readonly sample: number;
  /** Smoothed posterior of the classifier. */
  readonly posterior: number;
  /** Of the second network. */
  readonly second: number;
  /** Both joined: what is held against the threshold. */
  readonly score: number;
  /** Whether it confirmed the keyword. */
  readonly agreed: boolean;
}

/**
 * What is heard and thought at the moment: ten a second, five at a time, or about two a second while a microphone is quiet, since it is read less often then.
 * None while there is no sound.
 */
export interface ScoresEvent extends EventEnvelope, Place {
  readonly type: 'scores';
  /** Level of the loudest tenth of a second since the event before; null for digital silence. */
  readonly dbfs: number | null;
  /** Level of the room when nothing stands out; null before the first tenth of a second. */
  readonly noiseDbfs: number | null;
  readonly gate: {
    /** Highest P(signal of interest) since the event before. */
    readonly score: number;
    readonly threshold: number;
    readonly open: boolean;
  };
  readonly classifier: ClassifierState;
  /** Highest smoothed posterior of each keyword since the event before; null where nothing was classified. */
  readonly posteriors: Readonly<Record<string, number>> | null;
  /** Second looks since the event before. */
  readonly looks: readonly Look[];
}

/** Events that come ten times a second. */
export type LiveEvent = LevelEvent | ScoresEvent;

/** Everything that happens, but levels and scores, which come ten times a second and are not numbered. */
export type DaemonEvent =
  | DetectionEvent
  | GateEvent
  | ClassifierEvent
  | InputEvent
  | ConfigEvent
  | ProblemEvent
  | TestEvent
  | OutvotedEvent
  | KeywordEvent;
