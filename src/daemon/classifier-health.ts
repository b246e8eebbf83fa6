import type { Classifier } from '../classifier/index.js';
import type { WakegateError } from '../errors.js';

/** Whether a classifier answers: not after a fault, until it has answered again. */
export class ClassifierHealth {
  readonly #classifier: Pick<Classifier, 'status'>;
  /** The latest fault, and how many handoffs had been answered by then. */
  #fault: { readonly error: WakegateError; readonly answered: number } | null = null;

  constructor(classifier: Pick<Classifier, 'status'>) {
    this.#classifier = classifier;
  }

  /** Says that a handoff got no answer. */
  failed(error: WakegateError): void {
    this.#fault = { error, answered: this.#classifier.status().answered };
  }

  /** Why the last handoff got no answer; null where it got one. */
  get fault(): WakegateError | null {
    if (this.#fault?.answered !== this.#classifier.status().answered) this.#fault = null;
    return this.#fault?.error ?? null;
  }
}
