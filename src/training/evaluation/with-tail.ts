import { SAMPLE_RATE } from '../../audio/index.js';
import { TAIL_MS } from '../../pipeline.js';

/** A clip with the silence that a stream adds at its end (`Listener.finish`), so that a word at its very end is heard. */
export function withTail(samples: Int16Array): Int16Array {
  const padded = new Int16Array(samples.length + (SAMPLE_RATE * TAIL_MS) / 1000);
  padded.set(samples);
  return padded;
}
