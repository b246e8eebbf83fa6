/** Listens to embeddings: logit = relu(x W1 + b1) w2 + b2 of the last ones. */
export interface OwnHead {
  /** Embeddings that it hears at once, and numbers in each. */
  readonly embeddings: number;
  readonly size: number;
  readonly hidden: number;
  /** [embeddings * size, hidden] */
  readonly w1: Float32Array;
  readonly b1: Float32Array;
  readonly w2: Float32Array;
  readonly b2: number;
}

/** Opens the gate: logit = sum of weights x values of the levels of the last steps + bias, open from 0 on. */
export interface OwnGate {
  readonly taps: number;
  readonly channels: number;
  /** [taps, channels], oldest first. */
  readonly weights: Float32Array;
  readonly bias: number;
}

/** Hears the embeddings of the pack's second look, and confirms what the head has heard. */
export interface OwnSecond {
  readonly head: OwnHead;
  /** Of the weights of the second look that it was made for: with another one it is not asked. */
  readonly weightsSha256: string;
  /** Smoothed posterior from which on it is asked. */
  readonly ask: number;
  /** Added to the sum of logits, so that the threshold is the same with a second look and without. */
  readonly bias: number;
}

/** A keyword of the user's own, on the trunk of a pack. */
export interface OwnKeyword {
  readonly name: string;
  /** As it is spoken. */
  readonly phrase: string;
  readonly trunk: { readonly pack: string; readonly fingerprint: string };
  readonly threshold: number;
  readonly patience: number;
  readonly head: OwnHead;
  readonly gate: OwnGate;
  /** Null where it was made for a pack without a second look. */
  readonly second: OwnSecond | null;
  readonly made: Record<string, unknown>;
  readonly forecast: Record<string, unknown>;
}
