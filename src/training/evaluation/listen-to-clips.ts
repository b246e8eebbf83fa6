import { Classifier } from '../../classifier/index.js';
import type { ModelPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { type HeardInClip, listenToClip } from './listen-to-clip.js';
import type { Heard } from './rates.js';

export interface ListenOptions {
  readonly backend: 'auto' | 'simd' | 'node' | 'wasm';
  readonly levelGate: 'on' | 'off';
  readonly secondLook: 'on' | 'off';
  /** Is called after every clip. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** One classifier for all clips. */
export class ClipListener {
  readonly #pack: ModelPack;
  /** With thresholds that nothing reaches. */
  readonly #asking: ModelPack;
  readonly #classifier: Classifier;
  readonly #options: ListenOptions;

  constructor(pack: ModelPack, options: ListenOptions) {
    this.#pack = pack;
    this.#asking = { ...pack, keywords: pack.keywords.map((keyword) => ({ ...keyword, threshold: 1 })) };
    this.#classifier = new Classifier({ pack, backend: options.backend });
    this.#options = options;
  }

  async hear(clip: Clip): Promise<Heard> {
    const { levelGate, secondLook } = this.#options;
    const inClip = await listenToClip(clip.samples, this.#pack, this.#classifier, { levelGate, secondLook });
    return { clip, ...inClip, verdicts: await this.#verdicts(clip, inClip) };
  }

  /** Second looks at all candidates: a detection has the next ones left unasked, which other thresholds would ask about. */
  async #verdicts(clip: Clip, { detections, looks }: HeardInClip): Promise<Heard['verdicts']> {
    const { levelGate, secondLook } = this.#options;
    if (!this.#pack.secondLook || secondLook === 'off') return null;
    if (detections.length === 0) return looks;
    const asking = await listenToClip(clip.samples, this.#asking, this.#classifier, {
      levelGate,
      secondLook,
    });
    // Its looks end where too many came in a row, which a detection would have interrupted.
    const known = new Set(looks.map(({ keyword, sample }) => `${keyword} ${sample}`));
    return [...looks, ...asking.looks.filter(({ keyword, sample }) => !known.has(`${keyword} ${sample}`))];
  }

  close(): Promise<void> {
    return this.#classifier.close();
  }
}
