/** What long work reports as it goes, for people to see. Nothing depends on it. */
export type TrainingProgress = PreparationProgress | FitProgress;

export type OnProgress = (progress: TrainingProgress) => void;

/** Recordings decoded, phrases synthesized, or scenes that the teacher has heard. */
export interface PreparationProgress {
  readonly type: 'decode' | 'synthesize' | 'teach';
  /** Of which split or set of scenes; empty where there is only one. */
  readonly set: string;
  readonly done: number;
  /** Null where it is not known beforehand. */
  readonly of: number | null;
}

export type FitProgress = ResumeProgress | StepProgress | CheckpointProgress;

/** A run continues from its last checkpoint. */
export interface ResumeProgress {
  readonly type: 'resume';
  readonly run: string;
  readonly step: number;
}

export interface StepProgress {
  readonly type: 'step';
  readonly run: string;
  readonly step: number;
  readonly steps: number;
  /** Smoothed over a hundred steps. */
  readonly loss: number;
  readonly minutesLeft: number;
  /** What else the run counts, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A checkpoint was written, and its averaged weights measured on dev. */
export interface CheckpointProgress {
  readonly type: 'checkpoint';
  readonly run: string;
  readonly step: number;
  readonly loss: number;
  readonly figures: object;
}
