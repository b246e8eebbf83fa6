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
  /** Where it was asked for. */
  readonly track?: Track;
}

/** What was thought of a file over its time. All times are seconds from its start. */
export interface Track {
  readonly gate: {
    readonly threshold: number;
    /** From one score to the next; the first is of the step that ends after as long. */
    readonly stepSeconds: number;
    /** P(signal of interest) at each step; 0 where the step was at the noise floor, and not looked at. */
    readonly scores: readonly number[];
    /** From when to when it was open. */
    readonly openings: readonly (readonly [from: number, to: number])[];
  };
  /** Smoothed posteriors of all keywords, wherever the gate let something through. */
  readonly positions: readonly ScoresAt[];
  readonly looks: readonly {
    readonly time: number;
    readonly keyword: string;
    readonly posterior: number;
    readonly second: number;
    readonly score: number;
    readonly agreed: boolean;
  }[];
}

/** Smoothed posteriors of all keywords at one position, `time` seconds from the start of the file. */
export interface ScoresAt {
  readonly time: number;
  readonly scores: Readonly<Record<string, number>>;
}

/** The answer of /v1/detect. */
export interface DetectReport extends FileReport {
  /** Name of the model pack that has heard it. */
  readonly model: string;
  /** Of the keywords that were listened for. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** Where they were asked for. */
  readonly scoresOverTime?: readonly ScoresAt[];
}
