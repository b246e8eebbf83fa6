import { EventEmitter } from 'node:events';
import type {
  ClassifierEvents,
  ClassifierStatus,
  CostedClassification,
  CostedLook,
  HandoffClassifier,
} from '../classifier/index.js';
import { WakegateError } from '../errors.js';
import { InOrder } from './in-order.js';
import type { RemoteClassifier } from './remote-classifier.js';

export interface FallbackOptions {
  /** Asked while it can be. */
  readonly remote: RemoteClassifier;
  /** Asked otherwise, and for second looks. */
  readonly own: HandoffClassifier;
  /** Called with each handoff that the own one answers. */
  readonly onOwn: () => void;
  /** Why the fleet is not asked, in a sentence; null when it is again. */
  readonly onProblem: (problem: string | null) => void;
  readonly now?: () => number;
}

/** After a handoff that the fleet did not answer, the next ones are answered here for so long. */
const REST_MS = 10_000;

/** A satellite's classifier of `auto`: the fleet's where it answers, and its own where it does not. */
export class FallbackClassifier extends EventEmitter<ClassifierEvents> implements HandoffClassifier {
  readonly #options: FallbackOptions;
  readonly #now: () => number;
  readonly #order = new InOrder();
  #restsUntilMs = 0;
  #problem: string | null = null;

  constructor(options: FallbackOptions) {
    super();
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    for (const from of [options.own, options.remote]) from.on('cost', (cost) => this.emit('cost', cost));
    options.own.on('state', (change) => this.emit('state', change));
    options.own.on('death', (death) => this.emit('death', death));
  }

  classify(message: Uint8Array): Promise<CostedClassification | null> {
    return this.#order.add(this.#ask(new Uint8Array(message)));
  }

  look(samples: Int16Array): Promise<CostedLook | null> {
    return this.#options.own.look(samples);
  }

  ready(): Promise<void> {
    return this.#options.own.ready();
  }

  get hasRoom(): boolean {
    return this.#options.own.hasRoom;
  }

  status(): ClassifierStatus {
    const own = this.#options.own.status();
    const remote = this.#options.remote.status();
    return {
      ...own,
      answered: own.answered + remote.answered,
      dropped: own.dropped + remote.dropped,
      inFlight: own.inFlight + remote.inFlight,
    };
  }

  set idleMs(idleMs: number) {
    this.#options.own.idleMs = idleMs;
  }

  async close(): Promise<void> {
    await Promise.all([this.#options.own.close(), this.#options.remote.close()]);
  }

  async #ask(message: Uint8Array): Promise<CostedClassification | null> {
    const { remote, own, onOwn } = this.#options;
    if (remote.isAvailable && this.#now() >= this.#restsUntilMs) {
      try {
        const answer = await remote.classify(message);
        if (answer !== null) {
          this.#tell(null);
          return answer;
        }
      } catch (error) {
        const isClosed = error instanceof WakegateError && error.code === 'WG_CLASSIFIER_CLOSED';
        if (isClosed) throw error;
        this.#restsUntilMs = this.#now() + REST_MS;
        this.#tell((error as Error).message);
      }
    } else if (!remote.isAvailable) this.#tell('no worker of the fleet can be reached');
    onOwn();
    return own.classify(message);
  }

  #tell(problem: string | null): void {
    if ((problem === null) === (this.#problem === null)) return;
    this.#problem = problem;
    this.#options.onProblem(problem && `${problem}; this machine classifies by itself meanwhile`);
  }
}
