import type { BalancedAccuracy } from './balanced-accuracy.js';
import type { DetPoint } from './det.js';
import type { GatePoint } from './gate-curve.js';
import type { ByName } from './groups.js';
import type { HeardClips } from './hear-all.js';
import type { OperatingPoint } from './operating-curve.js';
import type { Rate, Ratio } from './rates.js';

/** Figures of a pack, from the pipeline that the daemon runs. Conditions are `clean`, `snr10`, `band8k`, ... */
export interface Evaluation {
  readonly pack: string;
  /** Of the recordings without a keyword, those that packs of the same recipe heard in place of this one, which had learned from them. */
  readonly crossFitted: HeardClips['crossFitted'];
  /** Conditions that could not be made on this machine, and why. */
  readonly skipped: ByName<string>;
  /** Clips with no detection of their keyword, by condition and for all keywords together. */
  readonly falseRejects: ByName<Rate>;
  readonly falseRejectsByKeyword: ByName<ByName<Rate>>;
  readonly falseRejectsByCorpus: ByName<ByName<Rate>>;
  /** Clips with a detection of another keyword than theirs. */
  readonly confused: ByName<Rate>;
  /** Clips in which the gate never opened. */
  readonly falseStops: ByName<Rate>;
  /** Detections in recordings without a keyword, by kind, `other words`, and `all`: `of` is hours, `rate` per hour. */
  readonly falseAccepts: ByName<Rate>;
  readonly falseAcceptsByKeyword: ByName<Rate>;
  readonly falseAcceptsByCorpus: ByName<Rate>;
  /** Clips of other words with a detection. */
  readonly otherWords: Rate | null;
  /** Of them, those in which the gate never opened. */
  readonly otherWordsStopped: Rate | null;
  /**
   * Over each keyword, other words, and silence. A clip counts as its first detection. Silence is noise, second by second. Null where
   * there are no clips of one of these.
   */
  readonly balancedAccuracy: BalancedAccuracy | null;
  /** Share of steps stopped, by kind (and in `other words`) and by corpus of recording; `steps` of them. */
  readonly stopped: ByName<Ratio & { readonly steps: number }>;
  readonly stoppedByCorpus: ByName<Ratio & { readonly steps: number }>;
  /** 1 - bytes handed over / bytes of dense float32, over the clean keyword clips. */
  readonly compression: Ratio & { readonly bytes: number; readonly denseBytes: number };
  /** Share of zeros in the window of each keyword clip at which the gate's score was highest. */
  readonly sparsity: Ratio;
  /** From the end of the word, by its energy, to the end of the position that completed the detection. */
  readonly latencyMs: { readonly of: number; readonly median: number; readonly percentile95: number } | null;
  /** CPU milliseconds a second of sound, by stage, over recordings without a keyword, as measured on this machine. */
  readonly cpuMsPerSecond: ByName<number>;
  /** By condition, for all keywords together; and of each keyword alone, clean. */
  readonly det: ByName<readonly DetPoint[]>;
  readonly detByKeyword: ByName<readonly DetPoint[]>;
  /** What is missed at given numbers of false accepts an hour. Empty where there is no recording without a keyword. */
  readonly operatingCurve: readonly OperatingPoint[];
  /** The same without the second look; null where there was none. */
  readonly operatingCurveAlone: readonly OperatingPoint[] | null;
  readonly gateCurve: readonly GatePoint[];
}
