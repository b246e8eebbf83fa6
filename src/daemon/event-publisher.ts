import type { Logger } from 'pino';
import { SAMPLE_RATE } from '../audio/index.js';
import type { WakegateError } from '../errors.js';
import { isoTime } from '../iso-time.js';
import type { Detection, ListenerEvents } from '../pipeline.js';
import type { EventBus } from './event-bus.js';
import type { DaemonFleet } from './fleet.js';
import type { DaemonInput } from './input.js';
import type { DaemonKeywords } from './keywords.js';
import type { SwitchingListener } from './switching-listener.js';

export interface EventPublisherOptions {
  readonly bus: EventBus;
  readonly listener: SwitchingListener;
  readonly input: DaemonInput;
  readonly keywords: DaemonKeywords;
  /** Who may say that another room answers; null where it is no satellite. */
  readonly fleet?: DaemonFleet | null;
  readonly logger: Logger;
}

/** Puts what the parts of the daemon emit on the bus and into the log. */
export class EventPublisher {
  readonly #options: EventPublisherOptions;
  /** Whether a handoff without an answer has been logged since the gate opened. */
  #isFaultLogged = false;
  /** The same of a handoff that was dropped. */
  #isDropLogged = false;
  #closed = false;

  constructor(options: EventPublisherOptions) {
    this.#options = options;
    const { bus, listener, input, logger } = options;
    listener.on('detection', (detection) => void this.#heard(detection));
    listener.on('gate', (change) => this.#gateTurned(change));
    listener.on('fault', (fault) => this.#failed(fault));
    listener.on('dropped', (drop) => this.#dropped(drop));
    listener.on('state', (change) => {
      logger.debug(change, `classifier ${change.state}`);
      bus.publish({ type: 'classifier', ...change });
    });
    listener.on('changed', ({ pack: { name, description } }) => {
      bus.publish({ type: 'config', model: { name, description } });
    });
    input.on('status', (status) => bus.publish({ type: 'input', ...status }));
  }

  /** The daemon is stopping: a handoff that gets no answer any more is not worth a warning. */
  close(): void {
    this.#closed = true;
  }

  /** Publishes it, unless another room has heard it better. */
  async #heard(detection: Detection): Promise<void> {
    const { fleet, listener, bus, logger } = this.#options;
    if (!fleet) {
      this.#detected(detection);
      return;
    }
    const gate = listener.current.listener.account().score;
    const { answers, satellite, room, snrDb } = await fleet.decide(detection, gate);
    if (answers) {
      this.#detected(detection);
      return;
    }
    const { keyword, score } = detection;
    const outvoted = { ...this.#placeOf(detection), keyword, score, snrDb, satellite, room };
    logger.info({ event: 'outvoted', ...outvoted }, `Heard "${keyword}", and ${room} answers`);
    bus.publish({ type: 'outvoted', ...outvoted });
  }

  #placeOf({ keyword, sample }: Detection) {
    const { input, keywords } = this.#options;
    const heardAt = isoTime(input.wallMs(sample));
    return { label: keywords.labelOf(keyword), sample, seconds: sample / SAMPLE_RATE, heardAt };
  }

  #detected({ keyword, score, secondLook, sample, cost }: Detection): void {
    const { bus, input, keywords, logger } = this.#options;
    const detection = {
      keyword,
      label: keywords.labelOf(keyword),
      score,
      secondLook,
      sample,
      seconds: sample / SAMPLE_RATE,
      heardAt: isoTime(input.wallMs(sample)),
      cost,
    };
    logger.info({ event: 'detection', ...detection }, `Heard "${keyword}"`);
    bus.publish({ type: 'detection', ...detection });
  }

  #gateTurned(change: ListenerEvents['gate'][0]): void {
    const event = { type: 'gate', ...change, seconds: change.sample / SAMPLE_RATE } as const;
    this.#options.logger.debug(event, change.open ? 'gate opened' : 'gate closed');
    this.#options.bus.publish(event);
    if (change.open) this.#isFaultLogged = this.#isDropLogged = false;
  }

  #failed({ code, message }: WakegateError): void {
    // What is wrong with one handoff is most often wrong with its neighbours too.
    if (this.#closed || this.#isFaultLogged) return;
    this.#isFaultLogged = true;
    this.#options.logger.warn({ code }, `The classifier gave no answer: ${message}`);
  }

  #dropped({ sample, count }: ListenerEvents['dropped'][0]): void {
    const { listener, logger } = this.#options;
    // Where one is dropped, so are its neighbours: the status counts them all.
    if (this.#closed || this.#isDropLogged) return;
    this.#isDropLogged = true;
    const { dropped } = listener.current.classifier.status();
    logger.warn(
      { sample, seconds: sample / SAMPLE_RATE, count, dropped },
      'The classifier is behind, and a handoff was dropped: a keyword may have been missed',
    );
  }
}
