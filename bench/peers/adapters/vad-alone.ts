import { FrameCutter } from '../frame-cutter.js';
import { serve } from '../serve.js';
import { openSileroVad } from './silero-vad.js';
import { openWebRtcVad } from './webrtc-vad.js';

/** A detector of voice activity with nothing behind it: what listening for speech alone costs. Setting 1 is Silero's, else WebRTC's. */
await serve(async (options) => {
  const vad = options.setting === 1 ? await openSileroVad(options) : await openWebRtcVad();
  const frames = new FrameCutter(vad.frameSamples);
  return {
    async push(samples) {
      for (const frame of frames.cut(samples)) await vad.isSpeech(frame);
    },
    finish() {
      vad.reset();
      frames.reset();
    },
  };
});
