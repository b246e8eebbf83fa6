import type { Logger } from 'pino';
import {
  Classifier,
  type HandoffClassifier,
  secondLookSamples,
  type WorkerLimits,
  type WorkerTurns,
} from '../classifier/index.js';
import type { Config } from '../config/index.js';
import { CLASSIFIER_CAPACITY } from '../detect-audio.js';
import type { EnergyMeter } from '../energy/index.js';
import { WakegateError } from '../errors.js';
import { HandoffEncoder } from '../gate/handoff.js';
import type { KeywordSettings, ModelPack } from '../model/index.js';
import { Listener } from '../pipeline.js';
import { MAX_DETECTIONS, MAX_STREAMS } from '../protocol/index.js';
import { ClassifierHealth } from './classifier-health.js';
import type { DaemonFleet } from './fleet.js';
import { STREAM_CAPACITY } from './sent-stream.js';

export interface LoadedPackOptions {
  readonly pack: ModelPack;
  /** The pack's, as they are listened for. */
  readonly keywords: readonly KeywordSettings[];
  readonly config: Pick<
    Config,
    'backend' | 'gate' | 'levelGate' | 'input' | 'mfcc' | 'secondLook' | 'idleSeconds'
  >;
  readonly meter: EnergyMeter;
  /** Where other machines may classify; null where only this one does. */
  readonly fleet?: DaemonFleet | null;
  /** Shared by all packs: a worker takes more memory than anyone may have it take for a change. */
  readonly turns?: WorkerTurns;
  readonly logger: Logger;
}

/**
 * Callers wait while it is half full, which holds what all requests and streams may hand over at once. With twice that, the input's
 * own handoffs are never displaced.
 */
const CAPACITY = 2 * (2 * CLASSIFIER_CAPACITY * MAX_DETECTIONS + STREAM_CAPACITY * MAX_STREAMS);

/** What is older than this when a worker can be had again is no answer to anyone. */
const STALE_MS = 5000;

/** Half a second: the positions of a mean, and what the front half remembers. */
const SMOOTHED_SAMPLES = 8000;

/** Whoever has sent audio waits for three workers that hang. A slow board wakes one in a few seconds. */
const LIMITS: Partial<WorkerLimits> = { wakeMs: 30_000 };

/**
 * A model pack at work: its classifier, and the listener on the daemon's input. Requests and streams that came
 * while it was the daemon's own keep it until they end; the last one that releases it ends the classifier.
 */
export class LoadedPack {
  readonly pack: ModelPack;
  readonly classifier: HandoffClassifier;
  readonly health: ClassifierHealth;
  readonly listener: Listener;
  /** What is to have a second look, where one is wanted. */
  readonly #secondLook: ModelPack['secondLook'] | null;
  #users = 1;

  constructor({ pack, keywords, config, meter, fleet = null, turns, logger }: LoadedPackOptions) {
    this.pack = pack;
    this.#secondLook = config.secondLook === 'on' ? pack.secondLook : null;
    const makeOwn = () =>
      new Classifier({
        pack,
        backend: config.backend,
        idleMs: config.idleSeconds * 1000,
        capacity: CAPACITY,
        staleMs: STALE_MS,
        limits: LIMITS,
        ...(turns && { turns }),
        logger,
      });
    this.classifier = fleet === null ? makeOwn() : fleet.classifierOf(pack, CAPACITY, makeOwn);
    this.health = new ClassifierHealth(this.classifier);
    this.listener = new Listener({
      pack: { ...pack, keywords },
      classifier: this.classifier,
      meter,
      live: config.input === 'mic',
      gate: config.gate,
      levelGate: config.levelGate,
      mfcc: config.mfcc,
      secondLook: config.secondLook,
    });
    this.listener.on('fault', (fault) => {
      if (fault === this.listener.lastingFault) this.health.broke(fault);
      else this.health.failed(fault);
    });
    this.classifier.on('death', (death) => this.health.died(death));
  }

  /** Of the window that the classifier hears. */
  get windowSamples(): number {
    return this.pack.handoff.windowSteps * this.listener.stepSamples;
  }

  /**
   * What it has to hear before it judges as if it had always listened: the longest window that is looked at, and the positions before
   * whose mean the detector takes.
   */
  get warmUpSamples(): number {
    const { secondLook } = this.pack;
    const look = secondLook ? secondLookSamples(secondLook) : 0;
    return Math.max(this.windowSamples, look) + SMOOTHED_SAMPLES;
  }

  /** The most that is heard between two handoffs, with the step that is not whole yet. */
  get handoffSamples(): number {
    return (this.pack.handoff.hopSteps + 1) * this.listener.stepSamples;
  }

  /**
   * Has the classifier answer a window of silence: only its backend can tell whether it can.
   *
   * @throws WakegateError WG_MODEL_INVALID, WG_BACKEND_UNAVAILABLE, WG_CLASSIFIER_FAILED
   */
  async selfTest(): Promise<void> {
    const { compression, fingerprint, handoff } = this.pack;
    const encoder = new HandoffEncoder(compression, fingerprint, handoff.windowSteps);
    const silence = new Uint8Array(handoff.windowSteps * compression.channels);
    const header = { streamId: 0, step: handoff.windowSteps, endSample: this.windowSamples };
    const answer = await this.classifier.classify(encoder.encode(header, silence));
    const secondLook = this.#secondLook;
    const look = secondLook && (await this.classifier.look(new Int16Array(secondLookSamples(secondLook))));
    if ([answer, look].every((of) => of?.posteriors.every(Number.isFinite) ?? true)) return;
    throw new WakegateError('WG_CLASSIFIER_FAILED', 'the classifier answers silence with what is no number');
  }

  /** Whether nobody has released the last of it yet. */
  get inUse(): boolean {
    return this.#users > 0;
  }

  /** Keeps it until {@link release}. */
  retain(): void {
    this.#users++;
  }

  async release(): Promise<void> {
    if (--this.#users === 0) await this.classifier.close();
  }
}
