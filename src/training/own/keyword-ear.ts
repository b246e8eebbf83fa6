import { type ModelPack, type OwnKeyword, withOwnKeywords } from '../../model/index.js';
import { HEAD_EMBEDDINGS } from '../bank/embeddings.js';
import { levelsOf } from '../bank/levels.js';
import { SecondEmbedder } from '../bank/second-embedder.js';
import { Embedder, STEPS_PER_EMBEDDING } from './embedder.js';
import { type Hearing, hear, heardTwice, type SecondOpinion } from './score.js';

/** Samples of a step of the front half. */
const STEP_SAMPLES = 640;

/** Hears a keyword in sound, as the daemon would. */
export class KeywordEar {
  readonly embedder: Embedder;
  readonly #pack: ModelPack;
  readonly #hearing: Hearing & { readonly second: SecondOpinion | null };
  readonly #second: SecondEmbedder | null;

  private constructor(
    pack: ModelPack,
    embedder: Embedder,
    second: SecondEmbedder | null,
    { head, gate, second: own }: OwnKeyword,
  ) {
    const { size, channels, backend } = embedder;
    const perceptron = (from: OwnKeyword['head']) => ({ ...from, b2: Float32Array.of(from.b2) });
    this.embedder = embedder;
    this.#pack = pack;
    this.#second = second;
    this.#hearing = {
      tf: backend.tf,
      size,
      channels,
      head: perceptron(head),
      gate,
      second: second && own && { ...own, head: perceptron(own.head), size: own.head.size },
    };
  }

  /** @throws WakegateError WG_KEYWORD_INVALID for a keyword of another trunk */
  static async open(pack: ModelPack, keyword: OwnKeyword, embedder?: Embedder): Promise<KeywordEar> {
    const { secondLook } = withOwnKeywords(pack, [keyword]);
    const trunk = embedder ?? (await Embedder.load(pack));
    const isAsked = secondLook !== undefined && Object.hasOwn(secondLook.keywords, keyword.name);
    const second = isAsked ? await SecondEmbedder.load(pack, trunk.backend) : null;
    return new KeywordEar(pack, trunk, second, keyword);
  }

  /** Sample number at the end of a position of {@link hear}. */
  endOf(position: number): number {
    const steps = this.embedder.firstSteps + STEPS_PER_EMBEDDING * (HEAD_EMBEDDINGS - 1 + position);
    return STEP_SAMPLES * steps;
  }

  /** The score at each position of some sound. */
  hear(samples: Int16Array): Float32Array {
    const levels = levelsOf(this.#pack, samples);
    const scores = this.hearLevels(levels);
    return this.confirm(scores, samples);
  }

  /**
   * What the head alone gives each position, with its gate.
   *
   * @param values the embeddings of the levels, where they are there already
   */
  hearLevels(levels: Uint8Array, values = this.embedder.embed(levels)): Float32Array {
    const { tf, head, gate, size, channels } = this.#hearing;
    const stream = { values, count: values.length / size };
    return hear(tf, head, gate, { stream, levels, size, channels }).scores;
  }

  /**
   * The scores once the second look was asked where the head is sure enough; as they are without one.
   *
   * @param samples that the scores are of
   */
  confirm(scores: Float32Array, samples: Int16Array): Float32Array {
    const { tf, second } = this.#hearing;
    if (!this.#second || !second) return scores;
    if (!scores.some((score) => score >= second.ask)) return new Float32Array(scores.length);
    const end = this.endOf(scores.length - 1);
    const start = end - this.#second.samplesOf(HEAD_EMBEDDINGS - 1 + scores.length);
    const values = this.#second.embed(samples.subarray(start, end));
    return heardTwice(tf, scores, second, { values, count: values.length / this.#second.size });
  }

  /** The least score of the head at which the second look is asked; null without one. */
  get ask(): number | null {
    return this.#hearing.second?.ask ?? null;
  }
}
