import { FrameStream } from '../../features/index.js';
import { GatedFront } from '../../gate/gated-front.js';
import type { ModelPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { withTail } from './with-tail.js';

export interface GateTrace {
  readonly clip: Clip;
  /** Smoothed gate score of each step. */
  readonly scores: Float32Array;
}

/** The gate's score at every step of a clip, as the stream gives it. Words get the silence that a stream adds at its end. */
export function traceGate(pack: ModelPack, clip: Clip, visit?: (front: GatedFront) => void): GateTrace {
  const stream = new FrameStream(pack.features);
  const front = new GatedFront(pack);
  const samples = clip.kind === 'word' ? withTail(clip.samples) : clip.samples;
  const { coefficients } = pack.features;
  const frames = new Float32Array(stream.framesFor(samples.length) * coefficients);
  const count = stream.push(samples, 0, frames);
  const scores = new Float32Array(count >> 1);
  for (let frame = 0; frame < count; frame++) {
    if (!front.push(frames, frame * coefficients)) continue;
    scores[front.step] = front.score;
    visit?.(front);
  }
  return { clip, scores };
}

/** Windows that would be handed over for positives: each clip's at the step of its highest score. */
export function* handoffWindows(pack: ModelPack, positives: readonly Clip[]): Generator<Uint8Array> {
  for (const clip of positives) {
    const window = new Uint8Array(pack.handoff.windowSteps * pack.compression.channels);
    let best = -1;
    traceGate(pack, clip, (front) => {
      if (front.score <= best) return;
      best = front.score;
      front.copyWindow(window);
    });
    yield window;
  }
}
