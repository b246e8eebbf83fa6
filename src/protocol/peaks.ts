import type { Capture } from './captures.js';

/** How likely a keyword was thought to be at the surest moment of something that was heard. */
export interface ScorePeak {
  /** ISO 8601, in UTC. */
  readonly heardAt: string;
  /** Smoothed posterior: highest that was reached for as many positions in a row as a detection takes. */
  readonly posterior: number;
  /** What the second look gave the keyword when both together were surest; null where there was none. */
  readonly second: number | null;
  /** What is held against the threshold: after a second look both joined, otherwise the posterior. */
  readonly score: number;
  /** Lowest posterior since the peak before; 0 where none was judged for a while. */
  readonly valley: number;
  /** The threshold at the time. */
  readonly threshold: number;
  /** Whether it was detected. */
  readonly detected: boolean;
  /** The capture of it; null where there is none. */
  readonly capture: string | null;
  /** What someone has said of that capture. */
  readonly label: Capture['label'];
}

/** What a keyword's threshold has judged, for a forecast of what another one would have done. */
export interface KeywordPeaks {
  readonly keyword: string;
  readonly threshold: number;
  /** Posterior from which on the second look is asked; null where it is never asked about this keyword. */
  readonly ask: number | null;
  /** Share of the threshold below which a posterior must fall before the next detection. */
  readonly rearmRatio: number;
  /** Peaks below are not kept. */
  readonly floor: number;
  /** ISO 8601: since when all peaks are kept. */
  readonly since: string;
  /** Newest first. */
  readonly peaks: readonly ScorePeak[];
  /** The same of what is captured, however old it is. */
  readonly captured: readonly ScorePeak[];
}

/** What a threshold does with what was heard. */
export interface Tally {
  readonly detections: number;
  /** Of these, captures with the label wrong or other. */
  readonly falseAccepts: number;
  /** Captures with the label right that are not detected. */
  readonly misses: number;
  /** Not counted as detections, but they might be: only hearing the sound again could tell. */
  readonly unsure: number;
}

/** What another threshold would have done. */
export interface ThresholdForecast {
  readonly keyword: string;
  /** The one that is asked about. */
  readonly threshold: number;
  /** The one in use. */
  readonly current: number;
  readonly spans: readonly {
    readonly span: 'hour' | 'day' | 'captures';
    /** ISO 8601: from when on peaks are counted; null where there is nothing to count. */
    readonly since: string | null;
    /** By the threshold in use. */
    readonly now: Tally;
    /** By the one that is asked about. */
    readonly would: Tally;
  }[];
}
