import type { EngineOptions } from '../protocol.js';

/** A detector of voice activity. */
export interface Vad {
  readonly frameSamples: number;
  /** Whether the next frame of the stream is speech, at its usual setting. */
  isSpeech(frame: Int16Array): boolean | Promise<boolean>;
  /** A new stream begins. */
  reset(): void;
}

export type OpenVad = (options: EngineOptions) => Promise<Vad>;
