/** Computes the MFCCs of single frames; it keeps nothing from one frame to the next. */
export interface Extractor {
  /** Multiplications for one frame. */
  readonly macs: number;
  /**
   * @param samples where `windowSamples` samples begin at `at`
   * @param out receives `coefficients` numbers from `outAt` on
   */
  compute(samples: Int16Array, at: number, out: Float32Array, outAt: number): void;
}

/** `fast`: our own; `meyda`: the package of that name, whose definition ours follows. */
export type ExtractorName = 'fast' | 'meyda';
