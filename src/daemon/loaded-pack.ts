import type { Logger } from 'pino';
import { Classifier } from '../classifier/index.js';
import type { Config } from '../config/index.js';
import { CLASSIFIER_ROOM } from '../detect-audio.js';
import type { EnergyMeter } from '../energy/index.js';
import { HandoffEncoder } from '../gate/handoff.js';
import type { KeywordSettings, ModelPack } from '../model/index.js';
import { Listener } from '../pipeline.js';
import { MAX_DETECTIONS, MAX_STREAMS } from '../protocol/index.js';
import { ClassifierHealth } from './classifier-health.js';
import { STREAM_ROOM } from './sent-stream.js';

export interface HearingOptions {
  readonly pack: ModelPack;
  /** The pack's, as they are listened for. */
  readonly keywords: readonly KeywordSettings[];
  readonly config: Pick<Config, 'backend' | 'gate' | 'levelGate' | 'mfcc' | 'idleSeconds'>;
  readonly meter: EnergyMeter;
  readonly logger: Logger;
}

/**
 * A model pack at work: its classifier, and the listener on the daemon's input. Bodies and streams that came while it
 * was the daemon's own keep it until they end; the last one who leaves ends the classifier.
 */
export class Hearing {
  readonly pack: ModelPack;
  readonly classifier: Classifier;
  readonly health: ClassifierHealth;
  readonly listener: Listener;
  #users = 1;

  constructor({ pack, keywords, config, meter, logger }: HearingOptions) {
    this.pack = pack;
    this.classifier = new Classifier({
      pack,
      backend: config.backend,
      idleMs: config.idleSeconds * 1000,
      // Half of it, for which is waited, holds what all bodies and streams may hand over at once. With twice that, the
      // input's own are never displaced.
      capacity: 2 * (2 * CLASSIFIER_ROOM * MAX_DETECTIONS + STREAM_ROOM * MAX_STREAMS),
      logger,
    });
    this.health = new ClassifierHealth(this.classifier);
    this.listener = new Listener({
      pack: { ...pack, keywords },
      classifier: this.classifier,
      meter,
      gate: config.gate,
      levelGate: config.levelGate,
      mfcc: config.mfcc,
    });
  }

  /** Of the window that the classifier hears. */
  get windowSamples(): number {
    return this.pack.handoff.windowSteps * this.listener.stepSamples;
  }

  /**
   * Has the classifier answer to a window of nothing: only its backend can tell whether it can.
   *
   * @throws WakegateError WG_MODEL_INVALID, WG_BACKEND_UNAVAILABLE, WG_CLASSIFIER_FAILED
   */
  async tryOut(): Promise<void> {
    const { compression, fingerprint, handoff } = this.pack;
    const encoder = new HandoffEncoder(compression, fingerprint, handoff.windowSteps);
    const nothing = new Uint8Array(handoff.windowSteps * compression.channels);
    const header = { streamId: 0, step: handoff.windowSteps, endSample: this.windowSamples };
    await this.classifier.classify(encoder.encode(header, nothing));
  }

  /** Keeps it until {@link leave}. */
  enter(): void {
    this.#users++;
  }

  async leave(): Promise<void> {
    if (--this.#users === 0) await this.classifier.close();
  }
}
