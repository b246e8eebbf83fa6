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
  /** Threshold without what was changed while the daemon ran: what null goes back to. */
  readonly defaultThreshold: number;
  /** Whether anything of it was changed while the daemon ran. */
  readonly changed: boolean;
  /** What is known of a keyword of the user's own; null for one of the model pack. */
  readonly own: {
    /** As it is spoken. */
    readonly phrase: string;
    /** How it was made, and how well it was expected to work then, as its file says. */
    readonly made: Readonly<Record<string, unknown>>;
    readonly forecast: Readonly<Record<string, unknown>>;
  } | null;
}

/** A keyword that is to be made of text, and of recordings where there are some. */
export interface KeywordRequest {
  /** As it is spoken. */
  readonly phrase: string;
  /** As espeak-ng names it, such as `de`; by default `en`. */
  readonly language?: string;
  /** By default made of the phrase: lower case letters, digits and underscores. */
  readonly name?: string;
  /** Recordings of the phrase, each a file in base64. */
  readonly takes?: readonly string[];
}

/** A keyword that is being made. */
export interface KeywordJob {
  readonly name: string;
  readonly phrase: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed';
  /** What is being done; null before it begins. */
  readonly stage: 'bank' | 'speak' | 'listen' | 'train' | 'measure' | null;
  readonly done: number;
  readonly of: number;
  /** Why it failed; null otherwise. */
  readonly problem: string | null;
  /** What to know about the keyword, in sentences, once it is done. */
  readonly advice: readonly string[];
}

/** A change of a keyword's settings; null takes an earlier change back. */
export interface KeywordChange {
  readonly threshold?: number | null;
  readonly patience?: number | null;
  readonly enabled?: boolean | null;
  readonly label?: string | null;
}
