import { readAudioFile } from '../../src/audio/index.js';
import type { ModelPack } from '../../src/model/index.js';
import { levelsOf } from '../../src/training/bank/levels.js';
import type { KeywordEar } from '../../src/training/own/keyword-ear.js';
import { peaksOf } from '../../src/training/own/score.js';

const STEP_SAMPLES = 640;
const STEP_SECONDS = 0.04;
/** Positions before and after the one that asks for a second look, which may be surer. */
const AROUND = 8;

interface PlacedFile {
  readonly file: string;
  readonly start: number;
}

/** Recordings without keywords, one after the other, that no training heard: what a keyword makes of them. */
export class Unheard {
  readonly hours: number;
  readonly #levels: Uint8Array;
  /** Where each file begins, in samples. */
  readonly #files: readonly PlacedFile[];

  private constructor(levels: Uint8Array, channels: number, files: readonly PlacedFile[]) {
    this.#levels = levels;
    this.#files = files;
    this.hours = ((levels.length / channels) * STEP_SECONDS) / 3600;
  }

  static async read(pack: ModelPack, paths: readonly string[]): Promise<Unheard> {
    const { channels } = pack.compression;
    const pieces: Uint8Array[] = [];
    const files: PlacedFile[] = [];
    let steps = 0;
    for (const file of paths) {
      const levels = levelsOf(pack, await readAudioFile(file));
      files.push({ file, start: steps * STEP_SAMPLES });
      pieces.push(levels);
      steps += levels.length / channels;
    }
    return new Unheard(new Uint8Array(Buffer.concat(pieces)), channels, files);
  }

  /** Highest scores, none within the refractory time of a higher one, highest first. */
  async peaks(ear: KeywordEar, least: number): Promise<number[]> {
    const scores = ear.hearLevels(this.#levels);
    const { ask } = ear;
    if (ask === null) return peaksOf(scores, least).map(({ score }) => score);
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
    return peaksOf(joined, least).map(({ score }) => score);
  }

  /** The sound that positions which end with these samples are heard in, as {@link KeywordEar.confirm} wants it. */
  async #sound(firstEnd: number, lastEnd: number): Promise<Int16Array> {
    const from = firstEnd - FIRST_POSITION;
    const out = new Int16Array(lastEnd - from);
    for (const [i, { file, start }] of this.#files.entries()) {
      const end = this.#files[i + 1]?.start ?? Number.POSITIVE_INFINITY;
      if (end <= from || start >= lastEnd) continue;
      const samples = (await readAudioFile(file)).subarray(0, end - start);
      const skipped = Math.max(0, from - start);
      const part = samples.subarray(skipped, skipped + out.length - Math.max(0, start - from));
      out.set(part, Math.max(0, start - from));
    }
    return out;
  }
}

/** The first position of a sound ends with this sample. */
const FIRST_POSITION = 32_000;
