import { EventEmitter } from 'node:events';
import { isoTime } from '../iso-time.js';
import {
  type DaemonEvent,
  type EventEnvelope,
  KEPT_EVENTS,
  type LevelEvent,
  type ScoresEvent,
} from '../protocol/index.js';

/** An event before it is on the bus. Distributes over the union, which a plain `Omit` would melt together. */
export type EventBody<Event = DaemonEvent> = Event extends DaemonEvent
  ? Omit<Event, keyof EventEnvelope>
  : never;

/**
 * Carries the daemon's events to whoever passes them on: the server's subscribers, and bridges. Levels and scores come
 * ten times a second, and are put together only while someone listens for them.
 *
 * @example
 * bus.on('event', (event) => {
 *   if (event.type === 'detection') ring(event.keyword);
 * });
 */
export class EventBus extends EventEmitter<{
  event: [event: DaemonEvent];
  level: [event: LevelEvent];
  scores: [event: ScoresEvent];
}> {
  /** Oldest first. */
  readonly #kept: DaemonEvent[] = [];
  /** A time, so that numbers keep rising over a restart. No daemon publishes a thousand events a second. */
  #sequence = Date.now();

  /** Number of the latest event; where there was none yet, the one before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** @returns the event, numbered */
  publish(body: EventBody): DaemonEvent {
    const { type, ...fields } = body;
    const time = isoTime(Date.now());
    const event = { type, sequence: ++this.#sequence, time, ...fields } as DaemonEvent;
    this.#kept.push(event);
    if (this.#kept.length > KEPT_EVENTS) this.#kept.shift();
    this.emit('event', event);
    return event;
  }

  publishLevel(dbfs: number, sample: number, seconds: number): void {
    if (this.listenerCount('level') === 0) return;
    this.emit('level', {
      type: 'level',
      sequence: this.#sequence,
      time: isoTime(Date.now()),
      dbfs: Number.isFinite(dbfs) ? dbfs : null,
      sample,
      seconds,
    });
  }

  publishScores(fields: Omit<ScoresEvent, 'type' | keyof EventEnvelope>): void {
    this.emit('scores', {
      type: 'scores',
      sequence: this.#sequence,
      time: isoTime(Date.now()),
      ...fields,
    });
  }

  /** The kept events with a higher number, oldest first. */
  since(sequence: number): readonly DaemonEvent[] {
    return this.#kept.filter((event) => event.sequence > sequence);
  }
}
