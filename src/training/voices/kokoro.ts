import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Resampler } from '../../audio/resample.js';
import { WakegateError } from '../../errors.js';
import { importOnnxRuntime, type OnnxRuntime, type OnnxSession } from '../onnx.js';
import type { Accent } from './phonemes.js';
import { TOKENS } from './tokens.js';

/** Rows of a voice, one for each length of what is said, and numbers in a row. */
const LENGTHS = 510;
const STYLE = 256;
const RATE = 24_000;
const MODEL = 'model.onnx';

/** Kokoro's 54 voices: their first letter is the language, the second f or m. */
export const KOKORO_VOICES = [
  ...['af_alloy', 'af_aoede', 'af_bella', 'af_heart', 'af_jessica', 'af_kore', 'af_nicole', 'af_nova'],
  ...['af_river', 'af_sarah', 'af_sky', 'am_adam', 'am_echo', 'am_eric', 'am_fenrir', 'am_liam'],
  ...['am_michael', 'am_onyx', 'am_puck', 'am_santa', 'bf_alice', 'bf_emma', 'bf_isabella', 'bf_lily'],
  ...['bm_daniel', 'bm_fable', 'bm_george', 'bm_lewis', 'ef_dora', 'em_alex', 'em_santa', 'ff_siwis'],
  ...['hf_alpha', 'hf_beta', 'hm_omega', 'hm_psi', 'if_sara', 'im_nicola', 'jf_alpha', 'jf_gongitsune'],
  ...['jf_nezumi', 'jf_tebukuro', 'jm_kumo', 'pf_dora', 'pm_alex', 'pm_santa', 'zf_xiaobei', 'zf_xiaoni'],
  ...['zf_xiaoxiao', 'zf_xiaoyi', 'zm_yunjian', 'zm_yunxi', 'zm_yunxia', 'zm_yunyang'],
] as const;
export type KokoroVoice = (typeof KOKORO_VOICES)[number];

/** Who speaks, as a mix: the mean of voices, by their weights. */
export type KokoroMix = readonly { readonly voice: KokoroVoice; readonly weight: number }[];

/** British English for British voices; all others speak American English, some with an accent. */
export function accentOf(voice: KokoroVoice): Accent {
  return voice.startsWith('b') ? 'en-gb' : 'en-us';
}

/**
 * Kokoro-82M (hexgrad, Apache-2.0), a neural synthesizer, on one thread. `wakegate train voices` fetches it, and only training
 * uses it.
 */
export class Kokoro {
  readonly #onnx: OnnxRuntime;
  readonly #folder: string;
  /** Opened when something is spoken: it takes seconds, and 200 MB. */
  #session: OnnxSession | null = null;
  readonly #voices = new Map<KokoroVoice, Float32Array>();

  private constructor(onnx: OnnxRuntime, folder: string) {
    this.#onnx = onnx;
    this.#folder = folder;
  }

  /**
   * What it needs is there; it is opened when it speaks.
   *
   * @throws WakegateError WG_DATA_INVALID where it has not been fetched into `folder`
   */
  static async load(folder: string): Promise<Kokoro> {
    try {
      await access(join(folder, MODEL));
      return new Kokoro(await importOnnxRuntime(folder), folder);
    } catch (cause) {
      throw absent(folder, cause);
    }
  }

  /**
   * @param phonemes as `phonemesOf` gives them
   * @param speed from 0.5 to 2, 1 being a voice's own
   * @returns 16 kHz mono
   */
  async speak(phonemes: string, mix: KokoroMix, speed: number): Promise<Int16Array> {
    const tokens = Array.from(phonemes, (letter) => TOKENS.get(letter)).filter(
      (token) => token !== undefined,
    );
    if (tokens.length === 0 || tokens.length >= LENGTHS) {
      throw new WakegateError(
        'WG_DATA_INVALID',
        `"${phonemes.slice(0, 60)}" has ${tokens.length} sounds: Kokoro can say 1 to ${LENGTHS - 1} at once`,
      );
    }
    const { Tensor } = this.#onnx;
    const ids = BigInt64Array.from([0, ...tokens, 0], BigInt);
    this.#session ??= await this.#open();
    const [idName, styleName, speedName] = this.#session.inputNames;
    const answer = await this.#session.run({
      [idName]: new Tensor('int64', ids, [1, ids.length]),
      [styleName]: new Tensor('float32', await this.#style(mix, tokens.length), [1, STYLE]),
      [speedName]: new Tensor('float32', Float32Array.of(speed), [1]),
    });
    const resampler = await Resampler.create(RATE);
    const body = resampler.push(answer[this.#session.outputNames[0]].data).slice();
    const tail = resampler.flush();
    const samples = new Int16Array(body.length + tail.length);
    samples.set(body);
    samples.set(tail, body.length);
    return samples;
  }

  /** Releases its memory, until it speaks again. */
  async close(): Promise<void> {
    await this.#session?.release();
    this.#session = null;
    this.#voices.clear();
  }

  async #open(): Promise<OnnxSession> {
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 };
    try {
      return await this.#onnx.InferenceSession.create(join(this.#folder, MODEL), options);
    } catch (cause) {
      throw absent(this.#folder, cause);
    }
  }

  async #style(mix: KokoroMix, length: number): Promise<Float32Array> {
    const style = new Float32Array(STYLE);
    const sum = mix.reduce((all, { weight }) => all + weight, 0);
    for (const { voice, weight } of mix) {
      const rows = await this.#voice(voice);
      for (let i = 0; i < STYLE; i++) style[i] += (weight / sum) * rows[length * STYLE + i];
    }
    return style;
  }

  async #voice(voice: KokoroVoice): Promise<Float32Array> {
    const kept = this.#voices.get(voice);
    if (kept) return kept;
    const bytes = await readFile(join(this.#folder, 'voices', `${voice}.bin`));
    const rows = new Float32Array(new Uint8Array(bytes).buffer);
    this.#voices.set(voice, rows);
    return rows;
  }
}

function absent(folder: string, cause: unknown): WakegateError {
  return new WakegateError(
    'WG_DATA_INVALID',
    `the voices of Kokoro are not in ${folder}: fetch them with \`wakegate train voices\``,
    { cause },
  );
}
