/**
 * How an engine is asked: it is a process of its own, which takes a command a line of JSON on stdin and answers each with a line
 * on stdout. Audio is 16 kHz mono s16le, in files or, live, on file descriptor 3.
 */

/** What an engine is started with: JSON, its only argument. */
export interface EngineOptions {
  /** Words to listen for, by the labels of the recordings. */
  readonly words: readonly string[];
  /** Threshold, sensitivity or mode, of engines that do not report their scores; null where they do. */
  readonly setting: number | null;
  /** wakegate's pack. */
  readonly model: string;
  /** Folder with the package.json that the engine's packages are installed for. */
  readonly packages: string;
  /** Recordings of the words, where an engine is taught by them. */
  readonly templates: Recordings | null;
}

/** Several recordings in one file, one after the other; lengths are in samples. */
export interface Recordings {
  readonly path: string;
  readonly lengths: readonly number[];
}

export type Command =
  /** Hear each recording as a stream of its own; answered by {@link Heard}. */
  | ({ readonly do: 'hear' } & Recordings)
  /** Hear a file as one stream, as fast as it goes; answered by {@link Spent}. */
  | { readonly do: 'spend'; readonly path: string }
  /** Hear descriptor 3 as it comes; every detection is reported by a {@link Told}, until the process is ended. */
  | { readonly do: 'listen' };

/** The first line of an engine: that it can take commands, or why it cannot be had here. */
export interface Greeting {
  readonly ready: boolean;
  readonly reason?: string;
}

export interface Heard {
  readonly clips: readonly HeardClip[];
}

export interface HeardClip {
  /** By the engine's own rule and setting, in order. Sample numbers are those of the clip. */
  readonly detections: readonly (readonly [word: string, sample: number])[];
  /** Scores over {@link LEAST_SCORE} at the end of what they are of; a threshold makes detections of them. */
  readonly scores: readonly (readonly [word: string, sample: number, score: number])[];
}

/** What is less says nothing, and would be most of what is reported. */
export const LEAST_SCORE = 1e-3;

export interface Spent {
  /** CPU time of the whole process, its threads too. */
  readonly cpuMs: number;
  readonly seconds: number;
}

export interface Told {
  readonly word: string;
  readonly sample: number;
}

/** Audio is read from files in pieces of so many samples: 0.5 s. */
export const FILE_CHUNK = 8000;
