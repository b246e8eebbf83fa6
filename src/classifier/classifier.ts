import { EventEmitter } from 'node:events';
import { WakegateError } from '../errors.js';
import { readHandoffHeader } from '../gate/handoff.js';
import type { ModelPack } from '../model/index.js';
import { IdleTime } from './idle-time.js';
import { type FromWorker, MAX_BATCH, type WorkerModel } from './protocol.js';
import { type HandoffJob, HandoffQueue, type Job, type LookJob } from './queue.js';
import { RestartBackoff } from './restarts.js';
import type {
  BackendChoice,
  BackendName,
  ClassifierEvents,
  ClassifierLogger,
  ClassifierState,
  ClassifierStatus,
  CostedClassification,
  CostedLook,
  HandoffClassifier,
} from './types.js';
import { WORKER_LIMITS, WorkerLife, type WorkerLimits } from './worker-life.js';
import { WorkerTurns } from './worker-turns.js';

export interface ClassifierOptions {
  readonly pack: ModelPack;
  readonly backend?: BackendChoice;
  /** How long the worker stays awake with nothing to do: up to six times as long where it was soon woken again. */
  readonly idleMs?: number;
  /** Handoffs that may wait; the worker has up to 16 more in its hands. */
  readonly capacity?: number;
  /**
   * Handoffs that have waited longer than this when a worker can be had again are dropped: an old wake word is worse
   * than none. None are, by default.
   */
  readonly staleMs?: number;
  readonly limits?: Partial<WorkerLimits>;
  /** Of classifiers that are given the same, one has a worker at a time. Each has its own, by default. */
  readonly turns?: WorkerTurns;
  readonly logger?: ClassifierLogger;
}

/** A worker that dies this often with the same handoff, or before it is awake, is not started for it again. */
const MAX_DEATHS = 3;
const LOG_DEATHS_MS = 5000;
/** How long a worker may keep other classifiers waiting while it has work: it takes a fraction of that to wake one. */
const TURN_MS = 2000;

/**
 * The full classifier: handoffs in, posteriors out, those of each stream in order. Its worker thread, the only place that loads
 * TensorFlow.js, is started by the first handoff and ended after `idleMs` with nothing to do. A handoff holds all that
 * its answer depends on, so when a worker dies, or gives no answer in time, another is started and what was unanswered
 * is sent again. After three deaths in a row, the next worker is started only after a rest, longer with each death.
 *
 * Events: `state` with a {@link StateChange}, `death` with a {@link WorkerDeath}, `cost` with a {@link ClassifierCost}
 * for each batch and each waking.
 *
 * @example
 * const classifier = new Classifier({ pack, backend: 'wasm' });
 * const answer = await classifier.classify(message);
 * await classifier.close();
 */
export class Classifier extends EventEmitter<ClassifierEvents> implements HandoffClassifier {
  readonly #model: WorkerModel;
  readonly #choice: BackendChoice;
  #idleMs: number;
  readonly #logger: ClassifierLogger | undefined;
  readonly #queue: HandoffQueue;
  #state: ClassifierState = 'asleep';
  #worker: WorkerLife | null = null;
  #inFlight: LookJob | readonly HandoffJob[] = [];
  readonly #idleTime = new IdleTime();
  #idleTimer: NodeJS.Timeout | null = null;
  #awaitingRoom: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #endings = new Set<Promise<void>>();
  readonly #limits: WorkerLimits;
  readonly #turns: WorkerTurns;
  readonly #turn = { begin: () => this.#begin(), wanted: () => this.#makeWay() };
  /** Why it waits for its turn to start a worker; null where it does not. */
  #awaitingTurn: string | null = null;
  #awakeSinceMs = 0;
  readonly #staleMs: number;
  readonly #backoff = new RestartBackoff();
  /** Runs while the classifier rests between two workers. */
  #restTimer: NodeJS.Timeout | null = null;
  #closed = false;
  #loggedMs = Number.NEGATIVE_INFINITY;
  /** Deaths since then. */
  #unlogged = 0;
  /** Deaths in a row before the worker was awake. */
  #stillbirths = 0;

  #backend: BackendName | null = null;
  #wakes = 0;
  #restarts = 0;
  #answered = 0;
  #looks = 0;
  #dropped = 0;
  #wakeMs: number | null = null;

  /** @throws WakegateError WG_USAGE for a capacity that cannot be */
  constructor({
    pack,
    backend = 'auto',
    idleMs = 10_000,
    capacity = 256,
    staleMs = Number.POSITIVE_INFINITY,
    limits,
    turns = new WorkerTurns(),
    logger,
  }: ClassifierOptions) {
    super();
    if (!(capacity >= 1)) {
      throw new WakegateError('WG_USAGE', `a capacity of ${capacity} handoffs cannot be: give 1 or more`);
    }
    this.#limits = { ...WORKER_LIMITS, ...limits };
    this.#turns = turns;
    this.#staleMs = staleMs;
    const { fingerprint, compression, handoff, back, keywords, secondLook } = pack;
    const own = pack.own ?? [];
    const ownHeads = own.map(({ head }) => head);
    const ownSeconds = own.map(({ name, second }) => (secondLook?.keywords[name] ? second!.head : null));
    const classes = keywords.length + 1 - own.length;
    this.#model = { fingerprint, compression, handoff, back, classes, ownHeads, secondLook, ownSeconds };
    this.#choice = backend;
    this.#idleMs = idleMs;
    this.#logger = logger;
    this.#queue = new HandoffQueue(capacity);
  }

  /**
   * Classifies one handoff; `message` is copied. Those of a stream resolve in their order. Resolves to null where the queue was full and the handoff, then the
   * oldest that waited, gave way to a newer one.
   *
   * Rejects with `WG_HANDOFF_INVALID` (cut, altered, or of another pack), `WG_CLASSIFIER_FAILED` (three workers died of
   * it), `WG_BACKEND_UNAVAILABLE` or `WG_MODEL_INVALID` (no worker can be had), `WG_CLASSIFIER_CLOSED`.
   */
  classify(message: Uint8Array): Promise<CostedClassification | null> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const sinceMs = performance.now();
      const displaced = this.#queue.push({
        message: new Uint8Array(message),
        streamId: streamOf(message),
        resolve,
        reject,
        deaths: 0,
        sinceMs,
      });
      if (displaced !== null) this.#drop(displaced);
      this.#wake('a handoff came');
    });
  }

  /**
   * Has the second look judge some sound, before any handoff that waits. Only where the pack has one. Resolves to null where it waited
   * for too long.
   *
   * Rejects as {@link classify} does.
   *
   * @param samples 16 kHz mono, {@link secondLookSamples} of them; not to be written to afterwards
   */
  look(samples: Int16Array): Promise<CostedLook | null> {
    if (this.#closed) return Promise.reject(closedError());
    if (!this.#model.secondLook) {
      return Promise.reject(new WakegateError('WG_USAGE', 'this model pack has no second look'));
    }
    return new Promise((resolve, reject) => {
      this.#queue.pushLook({ samples, resolve, reject, deaths: 0, sinceMs: performance.now() });
      this.#wake('a second look was asked for');
    });
  }

  /**
   * Resolves once the queue is less than half full. Who awaits it before each {@link classify} loses nothing.
   * Rejects with `WG_CLASSIFIER_CLOSED`.
   */
  ready(): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.hasRoom) return Promise.resolve();
    return new Promise((resolve, reject) => this.#awaitingRoom.push({ resolve, reject }));
  }

  get hasRoom(): boolean {
    return !this.#closed && this.#queue.hasRoom;
  }

  status(): ClassifierStatus {
    return {
      state: this.#state,
      backend: this.#backend,
      backendRequested: this.#choice,
      wakes: this.#wakes,
      restarts: this.#restarts,
      answered: this.#answered,
      looks: this.#looks,
      dropped: this.#dropped,
      deaths: this.#backoff.deaths,
      queued: this.#queue.length,
      inFlight: 'samples' in this.#inFlight ? 0 : this.#inFlight.length,
      wakeMs: this.#wakeMs,
    };
  }

  /** How long the worker stays awake with nothing to do, from the next time that it has nothing to do. */
  set idleMs(idleMs: number) {
    this.#idleMs = idleMs;
  }

  /** Ends the worker; what has no answer yet is rejected with `WG_CLASSIFIER_CLOSED`. May be called more than once. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#awaitingRoom.splice(0)) waiter.reject(closedError());
    this.#rejectAll(closedError());
    this.#stopResting();
    this.#turns.withdraw(this.#turn);
    this.#endWorker('closed');
    await Promise.all(this.#endings);
  }

  #wake(reason: string): void {
    if (this.#restTimer !== null) this.#restTimer.ref();
    else if (this.#worker === null && this.#awaitingTurn === null) {
      this.#idleTime.woken(this.#idleMs);
      this.#askForWorker(reason);
    }
    this.#sendNext();
  }

  #askForWorker(reason: string): void {
    this.#wakes++;
    this.#startWorker(reason);
  }

  #startWorker(reason: string): void {
    this.#awaitingTurn = reason;
    this.#turns.ask(this.#turn);
  }

  /** Its turn has come. */
  #begin(): void {
    const reason = this.#awaitingTurn!;
    this.#awaitingTurn = null;
    const events = {
      onLoaded: (loaded: Extract<FromWorker, { kind: 'loaded' }>) => this.#loaded(loaded),
      onUnloadable: (error: WakegateError) => this.#unloadable(error),
      onAnswers: (answers: Extract<FromWorker, { kind: 'answers' }>) => this.#settle(answers),
      onLooked: (looked: Extract<FromWorker, { kind: 'looked' }>) => this.#looked(looked),
      onPrepared: (cpuMs: number) => this.emit('cost', { handoffs: 0, cpuMs: 0, wakeCpuMs: cpuMs }),
      onDeath: (why: string, ending: Promise<void> | null) => this.#died(why, ending),
    };
    this.#worker = new WorkerLife(this.#choice, this.#model, events, this.#limits);
    if (this.#turns.wanted) this.#worker.hurry();
    this.#enter('waking', reason);
  }

  /** Another classifier waits for a worker: it gets the turn between two batches, and as soon as there are none. */
  #makeWay(): void {
    if (this.#worker === null) return;
    this.#worker.hurry();
    this.#sendNext();
  }

  /** @returns whether the worker was ended for another classifier */
  #gaveWay(): boolean {
    if (!this.#turns.wanted) return false;
    if (this.#queue.length > 0 && performance.now() - this.#awakeSinceMs < TURN_MS) return false;
    this.#endWorker('another model pack needs the worker');
    if (this.#queue.length > 0) this.#askForWorker('work was left when another model pack had its turn');
    return true;
  }

  #loaded({ backend, passedOver, cpuMs }: Extract<FromWorker, { kind: 'loaded' }>): void {
    this.#awakeSinceMs = performance.now();
    const wakeMs = this.#awakeSinceMs - this.#worker!.startedAtMs;
    this.#wakeMs = wakeMs;
    this.#backend = backend;
    this.#stillbirths = 0;
    this.#logger?.info({ backend, requested: this.#choice, passedOver, wakeMs }, 'classifier awake');
    this.#enter('awake', `loaded on ${backend}`);
    this.emit('cost', { handoffs: 0, cpuMs: 0, wakeCpuMs: cpuMs });
    this.#sendNext();
  }

  /** Hands the worker its next batch where it is free; otherwise it is called again when it is. */
  #sendNext(): void {
    if (this.#state !== 'awake' || this.#busy || this.#gaveWay()) return;
    this.#inFlight = this.#queue.take(MAX_BATCH);
    if (this.#queue.hasRoom) for (const waiter of this.#awaitingRoom.splice(0)) waiter.resolve();
    this.#worker!.keepProcessAlive(this.#busy);
    if (this.#busy) {
      this.#stopIdleTimer();
      if ('samples' in this.#inFlight) this.#worker!.look(this.#inFlight.samples);
      else this.#worker!.send(this.#inFlight.map((job) => job.message));
    } else {
      this.#idleTimer ??= this.#startIdling(this.#idleTime.ms(this.#idleMs));
    }
  }

  #startIdling(idleMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#idleTime.asleep();
      this.#endWorker(`idle for ${idleMs} ms`);
    }, idleMs).unref();
  }

  #settle({ answers, cpuMs }: Extract<FromWorker, { kind: 'answers' }>): void {
    const jobs = this.#inFlight as readonly HandoffJob[];
    this.#inFlight = [];
    this.#backoff.answered();
    for (const [index, job] of jobs.entries()) {
      const answer = answers[index];
      if ('code' in answer) {
        job.reject(new WakegateError(answer.code, answer.message));
      } else {
        this.#answered++;
        job.resolve({ ...answer, cpuMs: cpuMs / jobs.length });
      }
    }
    this.emit('cost', { handoffs: jobs.length, cpuMs, wakeCpuMs: 0 });
    this.#sendNext();
  }

  #looked({ answer, cpuMs }: Extract<FromWorker, { kind: 'looked' }>): void {
    const job = this.#inFlight as LookJob;
    this.#inFlight = [];
    this.#backoff.answered();
    if ('code' in answer) {
      job.reject(new WakegateError(answer.code, answer.message));
    } else {
      this.#looks++;
      job.resolve({ ...answer, cpuMs });
    }
    this.#sendNext();
  }

  #died(why: string, ending: Promise<void> | null): void {
    const hung = ending !== null;
    const jobs = this.#takeBack();
    this.#worker = null;
    if (ending) void ending.finally(() => this.#turns.giveBack(this.#turn));
    else this.#turns.giveBack(this.#turn);
    this.#stopIdleTimer();
    this.#logDeath(why, jobs.length);
    if (this.#state === 'waking') this.#stillbirths++;
    for (const job of jobs) job.deaths++;
    this.#queue.putBack(jobs.filter((job) => job.deaths < MAX_DEATHS));
    for (const job of jobs) if (job.deaths >= MAX_DEATHS) job.reject(failedError(why));
    if (this.#stillbirths >= MAX_DEATHS) {
      this.#stillbirths = 0;
      this.#rejectAll(failedError(why));
    }
    const restMs = this.#backoff.died();
    this.emit('death', { why, hung, deaths: this.#backoff.deaths, restMs });
    if (this.#closed || (this.#queue.length === 0 && restMs === 0)) {
      this.#enter('asleep', `its worker died: ${why}`);
      return;
    }
    if (restMs === 0) {
      this.#startAgain(why);
      return;
    }
    this.#enter('asleep', `its worker died: ${why}; the next one is started in ${restMs / 1000} s`);
    this.#restTimer = setTimeout(() => {
      this.#restTimer = null;
      this.#dropStale();
      if (this.#queue.length > 0) this.#startAgain(why);
    }, restMs);
    if (this.#queue.length === 0) this.#restTimer.unref();
  }

  /** One that dies with every second batch is logged now and then, with how often it did meanwhile. */
  #logDeath(why: string, unanswered: number): void {
    this.#unlogged++;
    const nowMs = performance.now();
    if (nowMs - this.#loggedMs < LOG_DEATHS_MS) return;
    this.#loggedMs = nowMs;
    this.#logger?.warn({ why, unanswered, deaths: this.#unlogged }, 'classifier worker died');
    this.#unlogged = 0;
  }

  #startAgain(why: string): void {
    this.#restarts++;
    this.#startWorker(`its worker died: ${why}`);
  }

  /** Drops what has waited for too long, once a worker can be had again. */
  #dropStale(): void {
    const fromMs = performance.now() - this.#staleMs;
    for (const job of this.#queue.takeOlder(fromMs)) this.#drop(job);
    if (this.#queue.hasRoom) for (const waiter of this.#awaitingRoom.splice(0)) waiter.resolve();
  }

  #drop(job: Job): void {
    this.#dropped++;
    job.resolve(null);
  }

  #stopResting(): void {
    if (this.#restTimer !== null) clearTimeout(this.#restTimer);
    this.#restTimer = null;
  }

  #unloadable(error: WakegateError): void {
    this.#logger?.warn({ code: error.code, why: error.message }, 'classifier cannot be woken');
    this.#rejectAll(error);
    this.#endWorker(error.message);
  }

  #endWorker(reason: string): void {
    this.#stopIdleTimer();
    if (this.#worker === null) return;
    const ending = this.#worker.end().finally(() => {
      this.#endings.delete(ending);
      this.#turns.giveBack(this.#turn);
    });
    this.#endings.add(ending);
    this.#worker = null;
    this.#enter('asleep', reason);
  }

  #rejectAll(error: WakegateError): void {
    const jobs = [...this.#takeBack(), ...this.#queue.drain()];
    for (const job of jobs) job.reject(error);
    for (const waiter of this.#awaitingRoom.splice(0)) waiter.resolve();
  }

  get #busy(): boolean {
    return 'samples' in this.#inFlight || this.#inFlight.length > 0;
  }

  /** What the worker has not answered. */
  #takeBack(): readonly Job[] {
    const jobs = 'samples' in this.#inFlight ? [this.#inFlight] : this.#inFlight;
    this.#inFlight = [];
    return jobs;
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }

  #enter(state: ClassifierState, reason: string): void {
    const previous = this.#state;
    this.#state = state;
    this.emit('state', { state, previous, reason });
  }
}

/** The worker says what is wrong with a message that has no header. */
function streamOf(message: Uint8Array): number {
  try {
    return readHandoffHeader(message).streamId;
  } catch {
    return -1;
  }
}

function closedError(): WakegateError {
  return new WakegateError('WG_CLASSIFIER_CLOSED', 'the classifier was closed before it answered');
}

function failedError(why: string): WakegateError {
  const problem = `the classifier's worker died ${MAX_DEATHS} times on the same work (${why})`;
  return new WakegateError('WG_CLASSIFIER_FAILED', `${problem}; see the log for what it said`);
}
