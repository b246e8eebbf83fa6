/** A keyword as it is listened for. */
export interface KeywordInfo {
  readonly name: string;
  /** What it is called for people. */
  readonly label: string;
  readonly enabled: boolean;
  /** Smoothed posterior at which it is detected. */
  readonly threshold: number;
  /** Positions in a row over the threshold that it takes. */
  readonly patience: number;
}

/** A change of a keyword's settings; null takes an earlier change back. */
export interface KeywordChange {
  readonly threshold?: number | null;
  readonly patience?: number | null;
  readonly enabled?: boolean | null;
  readonly label?: string | null;
}
