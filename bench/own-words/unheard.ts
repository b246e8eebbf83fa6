import { readAudioFile } from '../../src/audio/index.js';
import type { ModelPack } from '../../src/model/index.js';
import { levelsOf } from '../../src/training/bank/levels.js';
import type { Embedder } from '../../src/training/own/embedder.js';
import type { KeywordEar } from '../../src/training/own/keyword-ear.js';
import { peaksOf } from '../../src/training/own/score.js';
import type { TextedRecording } from './recordings.js';

const STEP_SAMPLES = 640;
const STEP_SECONDS = 0.04;
/** Positions before and after the one that asks for a second look, which may be surer. */
const AROUND = 8;

interface PlacedFile {
  readonly recording: TextedRecording;
  /** In samples. */
  readonly start: number;
  readonly end: number;
}

/** Recordings without keywords, one after the other, that no training heard: what a keyword makes of them. */
export class Unheard {
  readonly #levels: Uint8Array;
  readonly #embeddings: Int8Array;
  readonly #files: readonly PlacedFile[];

  private constructor(levels: Uint8Array, embeddings: Int8Array, files: readonly PlacedFile[]) {
    this.#levels = levels;
    this.#embeddings = embeddings;
    this.#files = files;
  }

  static async read(
    pack: ModelPack,
    embedder: Embedder,
    recordings: readonly TextedRecording[],
  ): Promise<Unheard> {
    const { channels } = pack.compression;
    const pieces: Uint8Array[] = [];
    const files: PlacedFile[] = [];
    let steps = 0;
    for (const recording of recordings) {
      const levels = levelsOf(pack, await readAudioFile(recording.file));
      const start = steps * STEP_SAMPLES;
      steps += levels.length / channels;
      files.push({ recording, start, end: steps * STEP_SAMPLES });
      pieces.push(levels);
    }
    const levels = new Uint8Array(Buffer.concat(pieces));
    return new Unheard(levels, embedder.embed(levels), files);
  }

  /** Hours of the recordings that count, of some kinds. */
  hours(isCounted: (recording: TextedRecording) => boolean, isKind: (kind: string) => boolean): number {
    const counted = this.#files.filter(({ recording }) => isCounted(recording) && isKind(recording.kind));
    return (
      (counted.reduce((sum, { start, end }) => sum + end - start, 0) / STEP_SAMPLES) * (STEP_SECONDS / 3600)
    );
  }

  /** Highest scores in what counts, none within the refractory time of a higher one, highest first. */
  async peaks(
    ear: KeywordEar,
    least: number,
    isCounted: (recording: TextedRecording) => boolean,
  ): Promise<{ readonly score: number; readonly kind: string }[]> {
    const scores = ear.hearLevels(this.#levels, this.#embeddings);
    for (const { recording, start, end } of this.#files) {
      if (isCounted(recording)) continue;
      // A position is of the two seconds before its end.
      for (let p = 0; p < scores.length; p++) {
        if (ear.endOf(p) > start && ear.endOf(p) - FIRST_POSITION < end) scores[p] = 0;
      }
    }
    const { ask } = ear;
    const judged = ask === null ? scores : await this.#confirmed(ear, scores, ask);
    return peaksOf(judged, least).map(({ score, at }) => ({ score, kind: this.#kindAt(ear.endOf(at)) }));
  }

  async #confirmed(ear: KeywordEar, scores: Float32Array, ask: number): Promise<Float32Array> {
    const joined = new Float32Array(scores.length);
    for (let p = 0; p < scores.length; p++) {
      if (scores[p] < ask) continue;
      const first = Math.max(0, p - AROUND);
      let last = p;
      for (let quiet = 0; last + 1 < scores.length && quiet < AROUND; last++) {
        quiet = scores[last + 1] >= ask ? 0 : quiet + 1;
      }
      const sound = await this.#sound(ear.endOf(first), ear.endOf(last));
      joined.set(ear.confirm(scores.subarray(first, last + 1), sound), first);
      p = last;
    }
    return joined;
  }

  /** Of the recording that is heard in the middle of the window that ends with a sample. */
  #kindAt(end: number): string {
    const middle = end - FIRST_POSITION / 2;
    return this.#files.find((file) => file.end > middle)?.recording.kind ?? 'speech';
  }

  /** The sound that positions which end with these samples are heard in, as {@link KeywordEar.confirm} wants it. */
  async #sound(firstEnd: number, lastEnd: number): Promise<Int16Array> {
    const from = firstEnd - FIRST_POSITION;
    const out = new Int16Array(lastEnd - from);
    for (const { recording, start, end } of this.#files) {
      if (end <= from || start >= lastEnd) continue;
      const samples = (await readAudioFile(recording.file)).subarray(0, end - start);
      const skipped = Math.max(0, from - start);
      const part = samples.subarray(skipped, skipped + out.length - Math.max(0, start - from));
      out.set(part, Math.max(0, start - from));
    }
    return out;
  }
}

/** The first position of a sound ends with this sample. */
const FIRST_POSITION = 32_000;
