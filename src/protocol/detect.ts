/** One detection in a file. */
export interface Detected {
  readonly keyword: string;
  /** Seconds from the start of the file. */
  readonly time: number;
  /** Smoothed posterior. */
  readonly score: number;
}

/** What was heard in a file, and what it took. */
export interface FileReport {
  readonly file: string;
  readonly seconds: number;
  readonly detections: readonly Detected[];
  /** Highest smoothed posterior of each keyword. */
  readonly scores: Readonly<Record<string, number>>;
  readonly gate: {
    readonly steps: number;
    /** Steps that passed the gate. */
    readonly passed: number;
    readonly openings: number;
    /** Highest P(signal of interest). */
    readonly maxScore: number;
  };
  readonly handoffs: { readonly count: number; readonly bytes: number; readonly denseBytes: number };
  readonly cpuMs: {
    readonly features: number;
    readonly gate: number;
    readonly handoff: number;
    readonly classifier: number;
    readonly secondLook: number;
  };
  /** Where there was less audio than the file says: a sentence about that. */
  readonly warning?: string;
}

/** Smoothed posteriors of all keywords at one position, `time` seconds from the start of the file. */
export interface ScoresAt {
  readonly time: number;
  readonly scores: Readonly<Record<string, number>>;
}

/** The answer of /v1/detect. */
export interface DetectReport extends FileReport {
  /** Where they were asked for. */
  readonly scoresOverTime?: readonly ScoresAt[];
}
