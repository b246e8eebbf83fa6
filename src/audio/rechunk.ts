import type { AudioChunk } from './source.js';

/**
 * Cuts blocks of any length into chunks of one length; the last is as long as what is left. All chunks share one
 * buffer.
 */
export async function* rechunk(
  blocks: AsyncIterable<Int16Array>,
  chunkSamples: number,
): AsyncGenerator<AudioChunk> {
  const chunk = new Int16Array(chunkSamples);
  let filled = 0;
  let startSample = 0;
  for await (const block of blocks) {
    for (let at = 0; at < block.length; ) {
      const taken = Math.min(chunkSamples - filled, block.length - at);
      chunk.set(block.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < chunkSamples) continue;
      yield { samples: chunk, startSample };
      startSample += chunkSamples;
      filled = 0;
    }
  }
  if (filled > 0) yield { samples: chunk.subarray(0, filled), startSample };
}
