/** A message to be published. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: string | Buffer;
  /** Whether the broker keeps it for those who subscribe later. */
  readonly retain?: boolean;
  /** Whether it takes the place of an earlier one of its topic that was not sent yet. */
  readonly replaces?: boolean;
  /**
   * How long it is worth something, in ms. Such a message is kept while the broker is away. Without it, it goes with the
   * connection: whoever publishes it does so again after the next `up`.
   */
  readonly livesMs?: number;
  /** 0 where it may be lost with a connection; 1, with an answer of the broker, by default. */
  readonly qos?: 0 | 1;
  /** Where an answer is wanted, and by what it is known: of MQTT 5. */
  readonly responseTopic?: string;
  readonly correlation?: Buffer;
  /** Called when the broker has it, with its reason code: 0, 16 where nobody subscribes, and from 128 on for a refusal. */
  readonly onTaken?: (code: number) => void;
}

/** A message with the end of its life, on the clock of the {@link Outbox}; for ever by default. */
export interface Waiting {
  readonly message: Outgoing;
  readonly endsMs: number;
}

export interface OutboxOptions {
  /** Messages that may wait. */
  readonly most: number;
  /** In milliseconds; by default `performance.now`. */
  readonly now?: () => number;
}

/** Messages that wait to be sent: no more than so many, none that is too old, and each that is dropped is counted. */
export class Outbox {
  readonly #most: number;
  readonly #now: () => number;
  #waiting: Waiting[] = [];
  /** Messages that were dropped: too many, or too old. */
  dropped = 0;

  constructor({ most, now = () => performance.now() }: OutboxOptions) {
    this.#most = most;
    this.#now = now;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Drops what is too old, which else happens when it would be sent. */
  expire(): void {
    const nowMs = this.#now();
    const left = this.#waiting.filter(({ endsMs }) => endsMs > nowMs);
    this.dropped += this.#waiting.length - left.length;
    this.#waiting = left;
  }

  add(message: Outgoing): void {
    const waiting = { message, endsMs: this.#now() + (message.livesMs ?? Number.POSITIVE_INFINITY) };
    if (message.replaces) {
      const at = this.#waiting.findIndex(
        ({ message: { topic, replaces } }) => replaces && topic === message.topic,
      );
      if (at >= 0) {
        this.#waiting[at] = waiting;
        return;
      }
    }
    this.#waiting.push(waiting);
    this.#limit();
  }

  /** The next one that is still worth something; undefined where there is none. */
  take(): Waiting | undefined {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined || next.endsMs > this.#now()) return next;
      this.dropped++;
    }
  }

  /** The connection is lost. What lives on is kept, with what was sent without an answer before it. */
  lost(unanswered: readonly Waiting[]): void {
    this.#waiting = [...unanswered, ...this.#waiting].filter(({ endsMs }) => Number.isFinite(endsMs));
    this.#limit();
  }

  /** The oldest go first: they are worth least. */
  #limit(): void {
    const over = this.#waiting.length - this.#most;
    if (over <= 0) return;
    this.#waiting.splice(0, over);
    this.dropped += over;
  }
}
