import { FrameCutter } from '../frame-cutter.js';
import { serve } from '../serve.js';
import { Wakegate } from './listening.js';
import { openSileroVad } from './silero-vad.js';
import { openWebRtcVad } from './webrtc-vad.js';

/** As wakegate's own level gate has them: sound before an opening that is made up for, and how long it stays open. */
const BEFORE_SAMPLES = 10_240;
const HOLD_SAMPLES = 16_000;

/**
 * What is done where there is no Gated Compression layer: the classifier is always on while a detector of voice activity hears
 * speech, and a second longer. Setting 1 is Silero's, else WebRTC's.
 */
await serve(async (options, hearing) => {
  const vad = options.setting === 1 ? await openSileroVad(options) : await openWebRtcVad();
  const wakegate = await Wakegate.open(options, hearing, 'off');
  const frames = new FrameCutter(vad.frameSamples);
  const before = new Int16Array(BEFORE_SAMPLES);
  let openUntil = 0;
  /** The sample up to which the classifier has heard. */
  let heard = 0;

  const hear = async (frame: Int16Array) => {
    const end = frames.samples;
    const start = end - frame.length;
    if (await vad.isSpeech(frame)) {
      if (start >= openUntil) {
        const missed = Math.min(BEFORE_SAMPLES, start - heard);
        if (missed > 0) await wakegate.push(before.slice(BEFORE_SAMPLES - missed), start - missed);
      }
      openUntil = end + HOLD_SAMPLES;
    }
    if (start < openUntil) {
      await wakegate.push(frame, start);
      heard = end;
    }
    before.copyWithin(0, frame.length);
    before.set(frame, BEFORE_SAMPLES - frame.length);
  };
  return {
    async push(samples) {
      for (const frame of frames.cut(samples)) await hear(frame);
    },
    async finish() {
      await wakegate.finish();
      vad.reset();
      frames.reset();
      before.fill(0);
      [openUntil, heard] = [0, 0];
    },
  };
});
