import type { AudioChunk } from '../audio/index.js';
import type { Listener } from '../pipeline.js';

/** Samples that the listener is given at a time, at most: a second holds only a few handoffs. */
const MOST_SAMPLES = 16_000;

/**
 * Feeds a listener from a source to the end of its last word: as fast as the source gives, and no faster than the
 * classifier answers, so that no handoff is dropped.
 *
 * @param isOver asked after every chunk; true ends it at once
 * @throws WakegateError whatever the source throws, once all that came before is judged; WG_CLASSIFIER_CLOSED
 */
export async function hear(
  listener: Listener,
  chunks: AsyncIterable<AudioChunk>,
  isOver: () => boolean,
): Promise<void> {
  try {
    for await (const { samples, startSample } of chunks) {
      if (isOver()) return;
      for (let at = 0; at < samples.length; at += MOST_SAMPLES) {
        await listener.ready();
        if (isOver()) return;
        const isWhole = samples.length <= MOST_SAMPLES;
        listener.push(isWhole ? samples : samples.subarray(at, at + MOST_SAMPLES), startSample + at);
      }
    }
  } catch (error) {
    if (!isOver()) await listener.settled();
    throw error;
  }
  if (isOver()) return;
  await listener.ready();
  if (isOver()) return;
  await listener.finish();
}
