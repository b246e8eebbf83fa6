import { Classifier } from '../../classifier/index.js';
import type { ModelPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { listenToClip } from './listen-to-clip.js';
import type { Heard } from './rates.js';

export interface ListenOptions {
  readonly backend: 'auto' | 'node' | 'wasm';
  readonly levelGate: 'on' | 'off';
  readonly secondLook: 'on' | 'off';
  /** Is called after every clip. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** One classifier for all clips, and a count of those that were listened to. */
export class ClipListener {
  readonly #pack: ModelPack;
  readonly #classifier: Classifier;
  readonly #options: ListenOptions;
  readonly #of: number;
  #done = 0;

  constructor(pack: ModelPack, options: ListenOptions, of: number) {
    this.#pack = pack;
    this.#classifier = new Classifier({ pack, backend: options.backend });
    this.#options = options;
    this.#of = of;
  }

  async hear(clips: readonly Clip[]): Promise<Heard[]> {
    const heard: Heard[] = [];
    for (const clip of clips) {
      const { levelGate, secondLook, onProgress } = this.#options;
      const stages = { levelGate, secondLook };
      heard.push({ clip, ...(await listenToClip(clip.samples, this.#pack, this.#classifier, stages)) });
      onProgress?.(++this.#done, this.#of);
    }
    return heard;
  }

  close(): Promise<void> {
    return this.#classifier.close();
  }
}
