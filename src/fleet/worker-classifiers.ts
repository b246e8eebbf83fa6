import { type BackendChoice, Classifier, type ClassifierLogger } from '../classifier/index.js';
import { type ModelPack, type OwnKeyword, withOwnKeywords } from '../model/index.js';

export interface WorkerClassifiersOptions {
  readonly backend: BackendChoice;
  readonly idleMs: number;
  readonly capacity: number;
  readonly logger: ClassifierLogger;
}

/** Of classifiers with own keywords: each has a thread of its own, with tens of megabytes. */
const MOST_WITH_OWN = 8;

/** The classifiers of a worker: one for each pack, and one for each set of own keywords. */
export class WorkerClassifiers {
  readonly #options: WorkerClassifiersOptions;
  readonly #packs = new Map<string, Classifier>();
  /** By pack and set; those that were used last are last. */
  readonly #withOwn = new Map<string, Classifier>();

  constructor(options: WorkerClassifiersOptions) {
    this.#options = options;
  }

  of(pack: ModelPack): Classifier {
    const key = String(pack.fingerprint);
    const classifier = this.#packs.get(key) ?? this.#make(pack);
    this.#packs.set(key, classifier);
    return classifier;
  }

  /**
   * @param id of the set of own keywords
   * @throws WakegateError WG_KEYWORD_INVALID where they do not fit the pack
   */
  withOwn(pack: ModelPack, id: string, own: readonly OwnKeyword[]): Classifier {
    const key = `${pack.fingerprint} ${id}`;
    const classifier = this.#withOwn.get(key) ?? this.#make(withOwnKeywords(pack, own));
    this.#withOwn.delete(key);
    this.#withOwn.set(key, classifier);
    this.#closeOld();
    return classifier;
  }

  /** Whether another one with own keywords can be had without ending one. */
  get hasRoom(): boolean {
    return this.#withOwn.size < MOST_WITH_OWN;
  }

  async close(): Promise<void> {
    const all = [...this.#packs.values(), ...this.#withOwn.values()];
    await Promise.all(all.map((classifier) => classifier.close()));
  }

  #make(pack: ModelPack): Classifier {
    const { backend, idleMs, capacity, logger } = this.#options;
    // It never hears sound, so that there is nothing to have a second look at.
    const { secondLook: _, ...withoutLook } = pack;
    return new Classifier({ pack: withoutLook, backend, idleMs, capacity, logger });
  }

  /** The one that was not used for longest, of those that have nothing to do; never the last one, which is wanted now. */
  #closeOld(): void {
    if (this.#withOwn.size <= MOST_WITH_OWN) return;
    for (const [key, classifier] of [...this.#withOwn].slice(0, -1)) {
      const { queued, inFlight } = classifier.status();
      if (queued + inFlight > 0) continue;
      this.#withOwn.delete(key);
      void classifier.close();
      return;
    }
  }
}
