/** Everything past a source runs at this rate, in Hz. */
export const SAMPLE_RATE = 16_000;
