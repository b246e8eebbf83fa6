import { EventEmitter } from 'node:events';
import type {
  ClassifierEvents,
  ClassifierStatus,
  CostedClassification,
  CostedLook,
  HandoffClassifier,
} from '../classifier/index.js';

export interface SecondLookClassifierOptions {
  /** Classifies. */
  readonly remote: HandoffClassifier;
  /** Has the second look, and classifies nothing. */
  readonly own: HandoffClassifier;
}

/**
 * A satellite's classifier where it has the second look by itself: workers classify its handoffs, and the sound that the second look
 * needs stays on this machine, which is awake for it only.
 */
export class SecondLookClassifier extends EventEmitter<ClassifierEvents> implements HandoffClassifier {
  readonly #remote: HandoffClassifier;
  readonly #own: HandoffClassifier;

  constructor({ remote, own }: SecondLookClassifierOptions) {
    super();
    this.#remote = remote;
    this.#own = own;
    for (const from of [remote, own]) from.on('cost', (cost) => this.emit('cost', cost));
    remote.on('state', (change) => this.emit('state', change));
    own.on('death', (death) => this.emit('death', death));
  }

  classify(message: Uint8Array): Promise<CostedClassification | null> {
    return this.#remote.classify(message);
  }

  look(samples: Int16Array): Promise<CostedLook | null> {
    return this.#own.look(samples);
  }

  ready(): Promise<void> {
    return this.#remote.ready();
  }

  get hasRoom(): boolean {
    return this.#remote.hasRoom;
  }

  /** Of the workers, but for what runs here: it is awake for a second look only. */
  status(): ClassifierStatus {
    const { backend, looks, deaths, restarts } = this.#own.status();
    return { ...this.#remote.status(), backend, looks, deaths, restarts };
  }

  set idleMs(idleMs: number) {
    this.#own.idleMs = idleMs;
  }

  async close(): Promise<void> {
    await Promise.all([this.#own.close(), this.#remote.close()]);
  }
}
