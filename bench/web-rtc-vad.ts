/** Samples that are judged at a time: 20 ms at 16 kHz. */
export const VAD_FRAME = 320;

/** What is used here of libfvad, WebRTC's VAD as WebAssembly, which has no types of its own. */
interface Fvad {
  _fvad_new(): number;
  _fvad_free(vad: number): void;
  _fvad_set_mode(vad: number, mode: number): number;
  _fvad_set_sample_rate(vad: number, hertz: number): number;
  _fvad_process(vad: number, samples: number, length: number): number;
  _malloc(bytes: number): number;
  _free(at: number): void;
  readonly HEAP16: Int16Array;
}

/** WebRTC's detector of voice activity on a stream of frames. */
export class WebRtcVad {
  readonly #fvad: Fvad;
  readonly #vad: number;
  /** Where in the detector's memory a frame is put. */
  readonly #frame: number;

  private constructor(fvad: Fvad, mode: number) {
    this.#fvad = fvad;
    this.#frame = fvad._malloc(2 * VAD_FRAME);
    this.#vad = fvad._fvad_new();
    fvad._fvad_set_mode(this.#vad, mode);
    fvad._fvad_set_sample_rate(this.#vad, 16_000);
  }

  /** @returns makes a detector of a mode: 0, the default of the library, lets the most through; 3 is the strictest */
  static async load(): Promise<(mode: number) => WebRtcVad> {
    const { default: load } = (await import('@echogarden/fvad-wasm' as string)) as {
      default: () => Promise<Fvad>;
    };
    const fvad = await load();
    return (mode) => new WebRtcVad(fvad, mode);
  }

  /** Whether the frame that begins at `samples[at]` is voiced. */
  isVoiced(samples: Int16Array, at: number): boolean {
    this.#fvad.HEAP16.set(samples.subarray(at, at + VAD_FRAME), this.#frame >> 1);
    return this.#fvad._fvad_process(this.#vad, this.#frame, VAD_FRAME) === 1;
  }

  /** Releases its state. It cannot be used after that. */
  close(): void {
    this.#fvad._fvad_free(this.#vad);
    this.#fvad._free(this.#frame);
  }
}
