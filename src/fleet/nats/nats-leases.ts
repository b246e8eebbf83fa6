/**
 * NATS publishes nothing for a client that is lost. So presences say for how long they hold and are renewed, and whoever reads one takes
 * its sender for gone where it is not.
 */
export class NatsLeases {
  readonly #onEnd: (topic: string) => void;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** @param onEnd called with the topic of a presence that was not renewed */
  constructor(onEnd: (topic: string) => void) {
    this.#onEnd = onEnd;
  }

  /** @param leaseMs for how long it holds; null for one that has ended, or holds for ever */
  take(topic: string, leaseMs: number | null): void {
    clearTimeout(this.#timers.get(topic));
    this.#timers.delete(topic);
    if (leaseMs === null) return;
    const timer = setTimeout(() => {
      this.#timers.delete(topic);
      this.#onEnd(topic);
    }, leaseMs).unref();
    this.#timers.set(topic, timer);
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
