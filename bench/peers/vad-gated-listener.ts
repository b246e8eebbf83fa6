import type { Listener } from '../../src/pipeline.js';
import { VAD_FRAME, type WebRtcVad } from '../web-rtc-vad.js';

/** Chunks before the first voiced one that are heard after all, so that no onset is lost: 0.64 s, as in our level gate. */
const PRE_ROLL_CHUNKS = 8;
/** Chunks that are heard after the last voiced one: 0.4 s, so that a word is not cut at a stop. */
const HANGOVER_CHUNKS = 5;

/**
 * A classifier behind a detector of voice activity, as it is done where there is no gate that knows the words: what is voiced
 * is heard by front half and classifier as if there were no gate, the rest not at all.
 */
export class VadGatedListener {
  readonly #listener: Listener;
  readonly #vad: WebRtcVad;
  /** The newest chunks that were not heard. */
  readonly #held: Int16Array[] = [];
  #open = 0;

  /** @param listener one without a gate */
  constructor(listener: Listener, vad: WebRtcVad) {
    this.#listener = listener;
    this.#vad = vad;
  }

  /** @param samples whole frames of {@link VAD_FRAME}, 80 ms of them; not kept */
  push(samples: Int16Array, startSample: number): void {
    for (let at = 0; at < samples.length; at += VAD_FRAME) {
      if (this.#vad.isVoiced(samples, at)) this.#open = HANGOVER_CHUNKS + 1;
    }
    if (this.#open === 0) {
      if (this.#held.length === PRE_ROLL_CHUNKS) this.#held.shift();
      this.#held.push(samples.slice());
      return;
    }
    this.#open--;
    let from = startSample - this.#held.reduce((sum, { length }) => sum + length, 0);
    for (const chunk of this.#held.splice(0)) {
      this.#listener.push(chunk, from);
      from += chunk.length;
    }
    this.#listener.push(samples, startSample);
  }
}
