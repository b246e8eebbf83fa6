import { VAD_FRAME, WebRtcVad } from '../../web-rtc-vad.js';
import type { Vad } from './vad.js';

/** The strictest of 0 to 3: it passes least on to what stands behind it, which is what a VAD is put there for. */
const MODE = 3;

export async function openWebRtcVad(): Promise<Vad> {
  const make = await WebRtcVad.load();
  let vad = make(MODE);
  return {
    frameSamples: VAD_FRAME,
    isSpeech: (frame) => vad.isVoiced(frame, 0),
    reset() {
      vad.close();
      vad = make(MODE);
    },
  };
}
