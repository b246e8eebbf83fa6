/** A clip of what was heard and kept. */
export interface Capture {
  readonly id: string;
  /** `near-miss`: the gate opened and the score was over the floor, but nothing was detected. */
  readonly kind: 'detection' | 'near-miss';
  /** Model pack that listened. */
  readonly model: string;
  /** The one with the highest score. */
  readonly keyword: string;
  /** Smoothed posterior; of a detection after a second look, both opinions joined. */
  readonly score: number;
  /** What the second look was given and gave, when it was surest; absent where there was none. */
  readonly look?: { readonly posterior: number; readonly second: number; readonly score: number };
  /** ISO 8601, in UTC. */
  readonly heardAt: string;
  /** How long the clip is. */
  readonly seconds: number;
  /** Of its WAV file. */
  readonly bytes: number;
  /** Whether the keyword was really said, as someone judged it: `other` where it was another word. */
  readonly label: 'right' | 'wrong' | 'other' | null;
  /** The other word. */
  readonly word: string | null;
}

/** What someone says of a clip, for later training. */
export type Label =
  | { readonly label: 'right' | 'wrong' | null }
  | { readonly label: 'other'; readonly word: string };

/** What is kept at most. Beyond it the oldest clips go, and of these the ones without a label first. */
export interface CaptureLimits {
  readonly count: number;
  readonly bytes: number;
  readonly days: number;
}

export interface Captures {
  /** Whether what is heard is kept. */
  readonly enabled: boolean;
  /** Why the newest could not be kept: a full disk, a folder that may not be written. */
  readonly fault: string | null;
  readonly limits: CaptureLimits;
  /** Newest first. */
  readonly captures: readonly Capture[];
}
