import type { WorkerDeath } from '../classifier/index.js';
import { asWakegateError } from '../errors.js';
import type { LoadedPack } from './loaded-pack.js';
import type { Problems } from './problems.js';
import type { SwitchingListener } from './switching-listener.js';

export interface ClassifierWatchTimes {
  /** A classifier that has answered nothing for so long is given something to answer. */
  readonly testMs: number;
  /** The same while it does not answer. */
  readonly retestMs: number;
  /** What is told of it changes no more often than this. */
  readonly tellMs: number;
}

const TIMES: ClassifierWatchTimes = { testMs: 3_600_000, retestMs: 60_000, tellMs: 2000 };

/**
 * Finds out whether the classifier answers, and tells it. A house that is quiet gives it nothing to do for days, so it
 * is tested now and then: at most once an hour while all is well, since a test wakes it. There is no timer here: the
 * input's signs of life are the clock.
 */
export class ClassifierWatch {
  readonly #listener: SwitchingListener;
  readonly #problems: Problems;
  readonly #times: ClassifierWatchTimes;
  #answered = 0;
  /** When it last answered or was last tested. */
  #lastMs = performance.now();
  #toldMs = Number.NEGATIVE_INFINITY;
  #testing = false;
  #death: WorkerDeath | null = null;

  constructor(listener: SwitchingListener, problems: Problems, times: Partial<ClassifierWatchTimes> = {}) {
    this.#listener = listener;
    this.#problems = problems;
    this.#times = { ...TIMES, ...times };
    this.#connect(listener.current);
    listener.on('changed', (loaded) => this.#connect(loaded));
  }

  /** To be called with every sign of life. @returns whether the classifier answers, as far as is known */
  beat(): boolean {
    const nowMs = performance.now();
    const { classifier, health } = this.#listener.current;
    const { answered, deaths } = classifier.status();
    if (answered !== this.#answered) this.#lastMs = nowMs;
    this.#answered = answered;
    const { fault } = health;
    const died = deaths > 0 && this.#death ? `the worker of the classifier died: ${this.#death.why}` : null;
    if (nowMs - this.#toldMs >= this.#times.tellMs) this.#tell(fault?.message ?? died, nowMs);
    const { testMs, retestMs } = this.#times;
    if (nowMs - this.#lastMs >= (fault ? retestMs : testMs)) this.#test(nowMs);
    return fault === null;
  }

  #connect({ classifier }: LoadedPack): void {
    this.#answered = 0;
    this.#lastMs = performance.now();
    this.#death = null;
    classifier.on('death', (death) => {
      if (classifier !== this.#listener.current.classifier) return;
      this.#death = death;
      this.beat();
    });
  }

  #tell(problem: string | null, nowMs: number): void {
    const told = this.#problems.list().find(({ part }) => part === 'classifier')?.problem ?? null;
    if (told === problem) return;
    this.#toldMs = nowMs;
    this.#problems.set('classifier', problem);
  }

  #test(nowMs: number): void {
    if (this.#testing) return;
    this.#testing = true;
    this.#lastMs = nowMs;
    const loaded = this.#listener.current;
    loaded
      .selfTest()
      .catch((error: unknown) => {
        const fault = asWakegateError(error, 'WG_CLASSIFIER_FAILED', 'it failed its test');
        if (fault.code !== 'WG_CLASSIFIER_CLOSED') loaded.health.failed(fault);
      })
      .finally(() => {
        this.#testing = false;
        this.beat();
      });
  }
}
