import type { DaemonEvent } from '../protocol/index.js';
import type { Service } from '../service.js';

/** How many durations lay below each bound, and their sum: what Prometheus calls a histogram. */
export class Durations {
  /** In seconds, ascending. */
  readonly bounds: readonly number[];
  /** Of those at most as long as the bound, and longer than the one before. */
  readonly counts: number[];
  count = 0;
  sumSeconds = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(seconds: number): void {
    const index = this.bounds.findIndex((bound) => seconds <= bound);
    if (index >= 0) this.counts[index]++;
    this.count++;
    this.sumSeconds += seconds;
  }
}

/**
 * What only events say, kept for whoever asks for the metrics: counts from the start on, in as little memory however many
 * there are.
 */
export class Observations {
  /** By keyword. */
  readonly detections = new Map<string, number>();
  /** From the end of a keyword to its event. */
  readonly latency = new Durations([0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 5]);
  /** The classifier's CPU time for a detection. */
  readonly detectionCpu = new Durations([0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]);
  /** From the start of the classifier's worker to its being awake. */
  readonly wakes = new Durations([0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5]);
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
    service.events.on('event', this.#collect);
  }

  close(): void {
    this.#service.events.off('event', this.#collect);
  }

  readonly #collect = (event: DaemonEvent): void => {
    if (event.type === 'detection') {
      const { keyword, time, heardAt, cost } = event;
      this.detections.set(keyword, (this.detections.get(keyword) ?? 0) + 1);
      this.latency.observe(Math.max(0, Date.parse(time) - Date.parse(heardAt)) / 1000);
      this.detectionCpu.observe(cost.cpuMs / 1000);
    } else if (event.type === 'classifier' && event.state === 'awake') {
      this.wakes.observe(this.#service.status().classifier.wakeMs! / 1000);
    }
  };
}
