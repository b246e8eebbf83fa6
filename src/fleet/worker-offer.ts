import type { Classifier } from '../classifier/index.js';
import { asWakegateError } from '../errors.js';
import { HandoffEncoder } from '../gate/handoff.js';
import type { ModelPack } from '../model/index.js';
import type { SatellitePresence } from './presence.js';
import type { WorkerClassifiers } from './worker-classifiers.js';
import type { WorkerKeywords } from './worker-keywords.js';
import type { WorkerPacks } from './worker-packs.js';

export interface WorkerOfferOptions {
  readonly packs: WorkerPacks;
  readonly classifiers: WorkerClassifiers;
  readonly keywords: WorkerKeywords;
  /** Called where there is more on offer, or less. */
  readonly onChange: () => void;
  readonly onProblem: (kind: string, sentence: string) => void;
  /** Packs are not looked for more often than this, whoever asks. */
  readonly lookMs: number;
}

/** Own keywords that workers are ready for. */
export interface OfferedSet {
  readonly fingerprint: string;
  readonly id: string;
}

/** Of own keywords, as many as a worker's presence may list. */
const MOST_SETS = 1024;

/**
 * What a worker takes windows of: model packs, and sets of own keywords for them. Each is offered only when its classifier has answered
 * once, so that no window waits while TensorFlow.js is being loaded: meanwhile the other workers have it.
 */
export class WorkerOffer {
  readonly #options: WorkerOfferOptions;
  readonly #packs = new Map<string, ModelPack>();
  readonly #sets = new Map<string, OfferedSet>();
  readonly #preparing = new Set<string>();
  /** Classifiers with own keywords are woken one after another: a few at a time take longer than one by one. */
  #waking: Promise<void> = Promise.resolve();
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;

  constructor(options: WorkerOfferOptions) {
    this.#options = options;
  }

  /** By fingerprint. */
  get packs(): ReadonlyMap<string, ModelPack> {
    return this.#packs;
  }

  get sets(): ReadonlyMap<string, OfferedSet> {
    return this.#sets;
  }

  /**
   * Reads the packs, and has the classifier of each answer once.
   *
   * @throws WakegateError where a classifier cannot answer
   */
  async open(): Promise<void> {
    for (const pack of await this.#options.packs.find()) await this.#wake(pack);
    this.#takePacks();
  }

  /** Has what a satellite needs ready; its pack may have been installed since packs were last looked for. */
  async take(presence: SatellitePresence): Promise<void> {
    const { pack, satellite } = presence;
    if (!this.#packs.has(pack.fingerprint)) {
      await this.#look();
      if (!this.#packs.has(pack.fingerprint)) {
        const { packs, lookMs, onProblem } = this.#options;
        onProblem(
          `pack ${pack.fingerprint}`,
          `Satellite ${satellite} has model pack "${pack.name}" (${pack.fingerprint}), which is not here: copy its folder from there into ${packs.places}, where it is found within ${lookMs / 1000} s`,
        );
        return;
      }
    }
    this.#prepareSets(presence);
  }

  /** Looks for what these satellites wait for, and ends the offer of what none of them wants any more. */
  search(satellites: readonly SatellitePresence[]): void {
    const wanted = new Set<string>();
    for (const presence of satellites) {
      for (const id of presence.own ?? []) wanted.add(keyOf(presence.pack.fingerprint, id));
      this.#prepareSets(presence);
    }
    const unwanted = [...this.#sets.keys()].filter((key) => !wanted.has(key));
    for (const key of unwanted) this.#sets.delete(key);
    if (unwanted.length > 0) this.#options.onChange();
    // Somebody may copy a pack here because a satellite waits for it.
    if (satellites.some(({ pack }) => !this.#packs.has(pack.fingerprint))) void this.#look();
  }

  #prepareSets({ pack: { fingerprint }, satellite, own = [] }: SatellitePresence): void {
    const pack = this.#packs.get(fingerprint);
    if (pack === undefined) return;
    for (const id of own) {
      const key = keyOf(fingerprint, id);
      const isFull = this.#sets.size + this.#preparing.size >= MOST_SETS;
      if (this.#sets.has(key) || this.#preparing.has(key) || isFull) continue;
      this.#preparing.add(key);
      void this.#prepare(pack, satellite, { fingerprint, id }).finally(() => this.#preparing.delete(key));
    }
  }

  async #prepare(pack: ModelPack, satellite: string, set: OfferedSet): Promise<void> {
    const { classifiers, keywords, onChange, onProblem } = this.#options;
    try {
      const own = await keywords.fetch(satellite, set.id);
      const woken = this.#waking.then(async () => {
        // Where there is no room, the classifier is woken by the first window: it takes another one's place.
        if (classifiers.hasRoom) await this.#wake(pack, classifiers.withOwn(pack, set.id, own));
      });
      this.#waking = woken.catch(() => {});
      await woken;
    } catch (error) {
      const { code, message } = asWakegateError(error, 'WG_CLASSIFIER_FAILED', 'they cannot be used');
      onProblem(`keywords ${code} ${satellite}`, `Satellite ${satellite} has own keywords, but ${message}`);
      // Those that can never be used are refused window by window, which tells the satellite why.
      if (code !== 'WG_KEYWORD_INVALID') return;
    }
    this.#sets.set(keyOf(set.fingerprint, set.id), set);
    onChange();
  }

  async #look(): Promise<void> {
    const { lookMs, packs, onChange } = this.#options;
    if (performance.now() - this.#lookedMs < lookMs) return this.#looking ?? undefined;
    this.#lookedMs = performance.now();
    this.#looking = packs.find().then(async (found) => {
      for (const pack of found) await this.#wake(pack).catch(() => {});
      this.#takePacks();
      if (found.length > 0) onChange();
    });
    await this.#looking;
  }

  #takePacks(): void {
    for (const [fingerprint, pack] of this.#options.packs.all) this.#packs.set(fingerprint, pack);
  }

  /** Has a classifier answer a window of silence. */
  async #wake(pack: ModelPack, classifier: Classifier = this.#options.classifiers.of(pack)): Promise<void> {
    const { compression, fingerprint, handoff } = pack;
    const encoder = new HandoffEncoder(compression, fingerprint, handoff.windowSteps);
    const silence = new Uint8Array(handoff.windowSteps * compression.channels);
    const header = { streamId: 0, step: handoff.windowSteps, endSample: 0 };
    await classifier.classify(encoder.encode(header, silence));
  }
}

function keyOf(fingerprint: string, id: string): string {
  return `${fingerprint} ${id}`;
}
