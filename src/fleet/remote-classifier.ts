import { EventEmitter } from 'node:events';
import type {
  ClassifierEvents,
  ClassifierState,
  ClassifierStatus,
  CostedClassification,
  CostedLook,
  HandoffClassifier,
} from '../classifier/index.js';
import { WakegateError } from '../errors.js';
import type { ModelPack } from '../model/index.js';
import { decodeAnswer } from './answer.js';
import type { CarrierMember, HandoffCarrier } from './carrier.js';
import { InOrder } from './in-order.js';
import { ownKeywordSetOf } from './own-keyword-set.js';
import { countAnswer, type RemoteCounts } from './remote-counts.js';
import {
  brokerError,
  closedError,
  noKeywordsError,
  noWorkerError,
  refusedError,
  unansweredError,
} from './remote-errors.js';
import { fingerprintText } from './topics.js';
import type { WindowTraces } from './traces.js';
import { type WaitingWindow, waitingWindow } from './waiting-window.js';

export interface RemoteTimes {
  /** A handoff that has no answer by then is sent again, once; later where answers take long. */
  readonly againMs: number;
  /** One that has none by then is given up: an old wake word is worse than none. */
  readonly livesMs: number;
}

export interface RemoteClassifierOptions {
  readonly pack: Pick<ModelPack, 'name' | 'fingerprint' | 'keywords' | 'back' | 'own'>;
  readonly carrier: HandoffCarrier;
  readonly counts: RemoteCounts;
  readonly traces?: WindowTraces;
  readonly times?: Partial<RemoteTimes>;
  /** Handoffs that may wait for their answers. */
  readonly capacity?: number;
  /** Gives up at once where no worker is there: somebody else is asked then. */
  readonly isHasty?: boolean;
}

const TIMES: RemoteTimes = { againMs: 1000, livesMs: 5000 };
/** Workers that have much to do get no more of it by what is sent again too early: so many times the usual wait. */
const LAGS = 4;

/**
 * The full classifier, on other machines: handoffs go out over a carrier, and answers come back in the order of the handoffs, whatever
 * order they arrive in. What gets no answer is sent again once. What was lost with a connection is sent again with the next.
 *
 * @example
 * const classifier = new RemoteClassifier({ pack, carrier: satellite, counts: noRemoteCounts() });
 * const listener = new Listener({ pack, classifier, secondLook: 'off' });
 */
export class RemoteClassifier extends EventEmitter<ClassifierEvents> implements HandoffClassifier {
  /** It has no worker here that could be idle. */
  idleMs = 0;
  readonly #options: RemoteClassifierOptions;
  readonly #times: RemoteTimes;
  readonly #fingerprint: string;
  readonly #own: string | null;
  readonly #waiting = new Map<number, WaitingWindow>();
  readonly #order = new InOrder();
  readonly #leave: () => void;
  #room: (() => void)[] = [];
  #state: ClassifierState = 'asleep';
  #wakes = 0;
  #answered = 0;
  #dropped = 0;
  #isClosed = false;

  constructor(options: RemoteClassifierOptions) {
    super();
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#fingerprint = fingerprintText(options.pack.fingerprint);
    const own = ownKeywordSetOf(options.pack.own);
    this.#own = own?.id ?? null;
    const member: CarrierMember = {
      onUp: () => this.#up(),
      onDown: () => this.#turn('the broker is away'),
      onWorkers: (hasLost) => this.#workersChanged(hasLost),
      onAnswer: (number, payload) => this.#take(number, payload),
    };
    this.#leave = options.carrier.join(member, own);
    this.#turn('connected');
  }

  /** Whether a worker can be asked now, as far as is known. */
  get isAvailable(): boolean {
    return this.#options.carrier.isUp && this.#options.carrier.holds(this.#fingerprint, this.#own);
  }

  /**
   * As {@link Classifier.classify}; rejects with WG_BROKER_UNREACHABLE, WG_MODEL_NOT_FOUND where no worker has the pack, and
   * WG_CLASSIFIER_FAILED where none answers.
   */
  classify(message: Uint8Array): Promise<CostedClassification | null> {
    if (this.#isClosed) return Promise.reject(closedError());
    const { capacity = 256, carrier, counts, traces } = this.#options;
    if (this.#waiting.size >= capacity) this.#dropOldest();
    const number = carrier.nextNumber();
    counts.sent++;
    return this.#order.add(
      new Promise((resolve, reject) => {
        const waiting = waitingWindow(number, message, { resolve, reject });
        traces?.add(waiting.trace);
        this.#waiting.set(number, waiting);
        this.#send(waiting);
        this.#await(waiting);
      }),
    );
  }

  /** There is no sound elsewhere to have a second look at. */
  look(): Promise<CostedLook | null> {
    return Promise.reject(
      new WakegateError('WG_USAGE', 'the fleet gets no sound, so that it cannot have a second look'),
    );
  }

  /** Resolves once less than half of the places are taken. */
  ready(): Promise<void> {
    if (this.#isClosed) return Promise.reject(closedError());
    if (this.hasRoom) return Promise.resolve();
    return new Promise((resolve) => this.#room.push(resolve));
  }

  get hasRoom(): boolean {
    return !this.#isClosed && this.#hasPlaces;
  }

  status(): ClassifierStatus {
    return {
      state: this.#state,
      backend: null,
      backendRequested: 'auto',
      wakes: this.#wakes,
      restarts: 0,
      answered: this.#answered,
      looks: 0,
      deaths: 0,
      dropped: this.#dropped,
      queued: 0,
      inFlight: this.#waiting.size,
      wakeMs: null,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#leave();
    for (const waiting of [...this.#waiting.values()]) this.#fail(waiting, closedError());
  }

  get #hasPlaces(): boolean {
    return this.#waiting.size < (this.#options.capacity ?? 256) / 2;
  }

  #send(waiting: WaitingWindow): void {
    waiting.state = 'sending';
    waiting.copies++;
    this.#options.carrier.send({
      number: waiting.number,
      fingerprint: this.#fingerprint,
      own: this.#own,
      message: waiting.message,
      livesMs: Math.max(1, this.#leftMs(waiting)),
      onTaken: (isWanted) => this.#taken(waiting, isWanted),
    });
  }

  #sendAgain(waiting: WaitingWindow): void {
    this.#options.counts.again++;
    waiting.trace.times++;
    this.#send(waiting);
  }

  #taken(waiting: WaitingWindow, isWanted: boolean | null): void {
    if (!this.#waiting.has(waiting.number)) return;
    waiting.trace.takenMs = performance.now();
    waiting.state = isWanted ? 'taken' : 'unwanted';
    if (!isWanted) waiting.copies--;
    if (isWanted === null) this.#fail(waiting, refusedError());
    else if (!isWanted && this.#options.isHasty) this.#fail(waiting, this.#noWorkerError());
  }

  /** Waits for an answer: sends again once, and gives up in the end. */
  #await(waiting: WaitingWindow): void {
    const { againMs: leastMs, livesMs } = this.#times;
    // However long answers take, there is to be time left for a second one.
    const againMs = Math.min(Math.max(leastMs, LAGS * this.#options.counts.lagMs), livesMs / 2);
    const waitMs = Math.min(this.#leftMs(waiting), waiting.isSecond ? Number.POSITIVE_INFINITY : againMs);
    waiting.timer = setTimeout(() => {
      const { carrier } = this.#options;
      if (waiting.isSecond || this.#leftMs(waiting) <= 0) {
        this.#giveUp(waiting);
        return;
      }
      waiting.isSecond = true;
      // One that the broker has not taken is still on its way there, or kept for when it is back.
      if (carrier.isUp && waiting.state !== 'sending') this.#sendAgain(waiting);
      this.#await(waiting);
    }, waitMs).unref();
  }

  #leftMs({ sinceMs }: WaitingWindow): number {
    return sinceMs + this.#times.livesMs - performance.now();
  }

  #giveUp(waiting: WaitingWindow): void {
    const { carrier, pack } = this.#options;
    const { livesMs } = this.#times;
    if (!carrier.isUp) this.#fail(waiting, brokerError(carrier.problem));
    else if (waiting.refusal) this.#fail(waiting, waiting.refusal);
    else if (waiting.state === 'unwanted' || !this.isAvailable) this.#fail(waiting, this.#noWorkerError());
    else this.#fail(waiting, unansweredError(pack.name, livesMs, waiting.trace.times));
  }

  #noWorkerError(): WakegateError {
    const { carrier, pack } = this.#options;
    if (this.#own !== null && carrier.holds(this.#fingerprint)) return noKeywordsError(this.#own);
    return noWorkerError(pack.name, this.#fingerprint);
  }

  /** What the broker had when it went away is gone, unless a worker has it. */
  #up(): void {
    this.#turn('connected');
    for (const waiting of this.#waiting.values()) if (waiting.state !== 'sending') this.#sendAgain(waiting);
  }

  #workersChanged(hasLost: boolean): void {
    const wasAvailable = this.#state === 'awake';
    this.#turn('the workers have changed');
    if (!this.isAvailable) return;
    for (const waiting of this.#waiting.values()) {
      const hadNobody = waiting.state === 'unwanted' || (waiting.state === 'taken' && !wasAvailable);
      // One that no worker could have had does not count as sent. One that was lost with a worker was sent once.
      if (hadNobody) this.#startOver(waiting, false);
      else if (hasLost && waiting.state === 'taken' && !waiting.isSecond) this.#startOver(waiting, true);
    }
  }

  #startOver(waiting: WaitingWindow, isSecond: boolean): void {
    waiting.isSecond = isSecond;
    clearTimeout(waiting.timer);
    this.#sendAgain(waiting);
    this.#await(waiting);
  }

  #take(number: number, payload: Buffer): boolean {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return false;
    const { pack, counts } = this.#options;
    const nowMs = performance.now();
    try {
      const answer = decodeAnswer(payload, pack.back.positions * (pack.keywords.length + 1));
      waiting.trace.answeredMs = nowMs;
      waiting.trace.worker = answer.worker;
      if (!('posteriors' in answer)) {
        this.#refused(waiting, new WakegateError(answer.code, `worker ${answer.worker}: ${answer.sentence}`));
        return true;
      }
      const { posteriors, cpuMs, lagMs } = answer;
      waiting.trace.workerMs = lagMs;
      waiting.trace.cpuMs = cpuMs;
      this.#answered++;
      countAnswer(counts, nowMs - waiting.sinceMs);
      this.#forget(waiting);
      waiting.resolve({ ...waiting.header, posteriors, cpuMs });
      this.emit('cost', { handoffs: 1, cpuMs, wakeCpuMs: 0 });
    } catch (error) {
      this.#fail(waiting, error as Error);
    }
    return true;
  }

  /** Another worker may be able to answer, or this one a moment later; what is wrong with the handoff itself stays wrong. */
  #refused(waiting: WaitingWindow, refusal: WakegateError): void {
    waiting.refusals++;
    waiting.refusal = refusal;
    const isFinal = refusal.code === 'WG_HANDOFF_INVALID' || refusal.code === 'WG_KEYWORD_INVALID';
    if (!isFinal && waiting.refusals < waiting.copies) return;
    const canAgain = !isFinal && !waiting.isSecond && this.isAvailable && this.#leftMs(waiting) > 0;
    if (canAgain) this.#startOver(waiting, true);
    else this.#fail(waiting, refusal);
  }

  #dropOldest(): void {
    const [oldest] = this.#waiting.values();
    this.#dropped++;
    this.#options.counts.lost++;
    this.#forget(oldest);
    oldest.resolve(null);
  }

  #fail(waiting: WaitingWindow, error: Error): void {
    this.#forget(waiting);
    if (!this.#isClosed) this.#options.counts.lost++;
    waiting.reject(error);
  }

  #forget(waiting: WaitingWindow): void {
    clearTimeout(waiting.timer);
    this.#waiting.delete(waiting.number);
    if (this.#hasPlaces) for (const resolve of this.#room.splice(0)) resolve();
  }

  /** Awake is what it is while a worker can be asked. */
  #turn(reason: string): void {
    const state = this.isAvailable ? 'awake' : 'asleep';
    if (state === this.#state) return;
    const previous = this.#state;
    this.#state = state;
    if (state === 'awake') this.#wakes++;
    this.emit('state', { state, previous, reason });
  }
}
