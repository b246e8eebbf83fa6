import { isoTime } from '../iso-time.js';
import {
  type DaemonEvent,
  type EventType,
  LIVE_EVENT_TYPES,
  type LiveEvent,
  MAX_UNREAD_BYTES,
  type Message,
  type Snapshot,
} from '../protocol/index.js';
import type { Service } from '../service.js';
import type { Activity } from './activity.js';
import type { Heartbeat } from './heartbeat.js';

/** The wire under one subscriber. */
export interface Wire {
  /** Bytes that were sent and that the other side has not taken yet. */
  readonly unreadBytes: number;
  /** @param json the message, made once for all subscribers */
  send(message: Message, json: string): void;
  /** Shows that the connection lives, though there is nothing to say. */
  beat(): void;
  /** Ends the connection to one who reads too slowly. */
  drop(): void;
}

/** Passes the daemon's events on to everyone who wants them. Levels and scores are asked for while someone wants these. */
export class Subscribers {
  readonly #service: Service;
  readonly #activity: Activity;
  readonly #heartbeat: Heartbeat;
  readonly #wires = new Map<Wire, ReadonlySet<EventType>>();
  readonly #asked = new Set<LiveEvent['type']>();
  readonly #endBeats = new Map<Wire, () => void>();
  readonly #passOn = (event: DaemonEvent | LiveEvent) => this.#send(event);

  constructor(service: Service, activity: Activity, heartbeat: Heartbeat) {
    this.#heartbeat = heartbeat;
    this.#service = service;
    this.#activity = activity;
    service.events.on('event', this.#passOn);
  }

  /**
   * Sends a snapshot, then what was missed, then all that comes.
   *
   * @param since number of the last event that the subscriber has had, where it has been here before
   */
  add(wire: Wire, types: ReadonlySet<EventType>, since: number | null): void {
    const { events } = this.#service;
    const missed = since === null ? [] : events.since(since);
    const before = missed.length === 0 ? events.sequence : missed[0].sequence - 1;
    const snapshot: Snapshot = {
      type: 'snapshot',
      sequence: before,
      complete: since === null || since === before,
      time: isoTime(Date.now()),
      status: this.#service.status(),
    };
    wire.send(snapshot, JSON.stringify(snapshot));
    for (const event of missed) if (types.has(event.type)) wire.send(event, JSON.stringify(event));
    this.#wires.set(wire, types);
    this.#endBeats.set(
      wire,
      this.#heartbeat.add(() => this.#beat(wire)),
    );
    this.#activity.subscribers = this.#wires.size;
    this.#askForLive();
  }

  remove(wire: Wire): void {
    this.#wires.delete(wire);
    this.#endBeats.get(wire)?.();
    this.#endBeats.delete(wire);
    this.#activity.subscribers = this.#wires.size;
    this.#askForLive();
  }

  close(): void {
    this.#service.events.off('event', this.#passOn);
    for (const end of this.#endBeats.values()) end();
    this.#endBeats.clear();
    this.#wires.clear();
    this.#askForLive();
  }

  /** Of what comes ten times a second, asks for what someone wants. */
  #askForLive(): void {
    const { events } = this.#service;
    const wanted = [...this.#wires.values()];
    for (const type of LIVE_EVENT_TYPES) {
      const asked = this.#asked.has(type);
      if (wanted.some((types) => types.has(type)) === asked) continue;
      if (asked) this.#asked.delete(type);
      else this.#asked.add(type);
      // As two calls, since each type of event has its own signature.
      if (type === 'level') events[asked ? 'off' : 'on'](type, this.#passOn);
      else events[asked ? 'off' : 'on'](type, this.#passOn);
    }
  }

  #beat(wire: Wire): void {
    if (wire.unreadBytes > MAX_UNREAD_BYTES) {
      this.remove(wire);
      wire.drop();
    } else {
      wire.beat();
    }
  }

  #send(event: DaemonEvent | LiveEvent): void {
    let json: string | undefined;
    for (const [wire, types] of this.#wires) {
      if (!types.has(event.type)) continue;
      if (wire.unreadBytes > MAX_UNREAD_BYTES) {
        this.remove(wire);
        wire.drop();
      } else {
        wire.send(event, (json ??= JSON.stringify(event)));
      }
    }
  }
}
