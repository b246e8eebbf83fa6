import { SAMPLE_RATE } from '../audio/index.js';
import type { StateChange } from '../classifier/index.js';
import type { Detection, ListenerEvents } from '../pipeline.js';

/** A keyword was heard. */
export interface SpotterDetection extends Detection {
  /** In seconds from the start of the stream: where the sound ends that completed it. */
  readonly time: number;
}

/** The gate of a stream has opened or shut. */
export interface GateChange {
  readonly streamId: number;
  readonly open: boolean;
  /** P(signal of interest), smoothed. */
  readonly score: number;
  readonly sample: number;
  /** In seconds from the start of the stream. */
  readonly time: number;
}

/** Sound in which a keyword may have been missed. */
export interface Dropped {
  readonly streamId: number;
  /**
   * `audio`: samples are missing from the source, as after a microphone was lost. `handoff`: the gate let this sound
   * through, and the classifier had no room for it.
   */
  readonly what: 'audio' | 'handoff';
  /** In seconds from the start of the stream: where the sound ends that nobody looked at. */
  readonly time: number;
  /** How much of it there is. */
  readonly seconds: number;
}

/** What every stream of a spotter reports. */
export interface StreamEvents {
  detection: [detection: SpotterDetection];
  gate: [change: GateChange];
  dropped: [dropped: Dropped];
}

/** What a spotter reports of all its streams together, and of its classifier. */
export interface SpotterEvents extends StreamEvents {
  /** The classifier sleeps, wakes, or is awake. */
  state: [change: StateChange];
}

export function timed(detection: Detection): SpotterDetection {
  return { ...detection, time: secondsAt(detection.sample) };
}

export function timedGate(streamId: number, change: ListenerEvents['gate'][0]): GateChange {
  return { streamId, ...change, time: secondsAt(change.sample) };
}

/** Seconds of a sample number, or of a number of samples. */
export function secondsAt(sample: number): number {
  return sample / SAMPLE_RATE;
}
