import type { SampleClock } from './clock.js';

export { SAMPLE_RATE } from './sample-rate.js';

/** A run of consecutive samples. */
export interface AudioChunk {
  /** Mono int16 samples at {@link SAMPLE_RATE}; valid only until the next chunk is asked for. */
  readonly samples: Int16Array;
  /** Number of the first sample, counted from the start of the stream; a gap shows as a jump. */
  readonly startSample: number;
}

/**
 * Where audio comes from. Iterating opens it, and ends when the audio ends; a fault is thrown from the iteration
 * as a `WakegateError`.
 */
export interface AudioSource extends AsyncIterable<AudioChunk> {
  /** What it is, for people: a file's path, `stdin`, `microphone (arecord, default)`. */
  readonly name: string;
  /** Sample number -> wall time. */
  readonly clock: SampleClock;
  /** Stops and releases everything; iteration then ends. May be called more than once. */
  close(): Promise<void>;
}
