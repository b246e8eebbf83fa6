import type { HandoffClassifier, WorkerDeath } from '../classifier/index.js';
import { WakegateError } from '../errors.js';

/** Deaths in a row after which it is not taken for an accident. */
const MOST_DEATHS = 3;

/** Whether a classifier answers: not after a fault, until it has answered again. */
export class ClassifierHealth {
  readonly #classifier: Pick<HandoffClassifier, 'status'>;
  /** The latest fault, and how many handoffs had been answered by then. */
  #fault: { readonly error: WakegateError; readonly answered: number } | null = null;

  #lasting: WakegateError | null = null;

  constructor(classifier: Pick<HandoffClassifier, 'status'>) {
    this.#classifier = classifier;
  }

  /** Nothing can be detected with this pack, whatever is answered later. */
  broke(error: WakegateError): void {
    this.#lasting = error;
  }

  /** Says that a handoff got no answer. */
  failed(error: WakegateError): void {
    this.#fault = { error, answered: this.#classifier.status().answered };
  }

  /** A worker died. One that hung, or the third in a row, means that it does not answer. */
  died({ why, deaths, hung }: WorkerDeath): void {
    if (!hung && deaths < MOST_DEATHS) return;
    const sentence = `the worker of the classifier died ${deaths} ${deaths === 1 ? 'time' : 'times in a row'}: ${why}`;
    this.failed(new WakegateError('WG_CLASSIFIER_FAILED', sentence));
  }

  /** Why the last handoff got no answer, or none ever will; null where it got one. */
  get fault(): WakegateError | null {
    if (this.#lasting) return this.#lasting;
    if (this.#fault?.answered !== this.#classifier.status().answered) this.#fault = null;
    return this.#fault?.error ?? null;
  }
}
