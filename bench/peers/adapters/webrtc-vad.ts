import type { Vad } from './vad.js';

/** What is used here of libfvad, WebRTC's VAD as WebAssembly, which has no types of its own. */
interface Fvad {
  _fvad_new(): number;
  _fvad_reset(vad: number): void;
  _fvad_set_mode(vad: number, mode: number): number;
  _fvad_set_sample_rate(vad: number, hertz: number): number;
  _fvad_process(vad: number, samples: number, length: number): number;
  _malloc(bytes: number): number;
  readonly HEAP16: Int16Array;
}

const FRAME = 320;
/** The strictest of 0 to 3: it passes least on to what stands behind it, which is what a VAD is put there for. */
const MODE = 3;

export async function openWebRtcVad(): Promise<Vad> {
  const { default: load } = (await import('@echogarden/fvad-wasm' as string)) as {
    default: () => Promise<Fvad>;
  };
  const fvad = await load();
  const buffer = fvad._malloc(2 * FRAME);
  const vad = fvad._fvad_new();
  const begin = () => {
    fvad._fvad_reset(vad);
    fvad._fvad_set_mode(vad, MODE);
    fvad._fvad_set_sample_rate(vad, 16_000);
  };
  begin();
  return {
    frameSamples: FRAME,
    isSpeech(frame) {
      fvad.HEAP16.set(frame, buffer >> 1);
      return fvad._fvad_process(vad, buffer, FRAME) === 1;
    },
    reset: begin,
  };
}
