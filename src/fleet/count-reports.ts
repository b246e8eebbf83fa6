import type { FleetConnection } from './fleet-connection.js';
import type { WorkerCounts } from './presence.js';
import type { FleetTopics } from './topics.js';

/** What a worker did with the windows that came. */
export type WindowCounts = Omit<WorkerCounts, 'perSecond' | 'uptimeSeconds'>;

export interface CountReportsOptions {
  readonly connection: Pick<FleetConnection, 'publish'>;
  readonly topics: FleetTopics;
  /** Of the worker. */
  readonly name: string;
  /** Changes as windows come. */
  readonly counts: WindowCounts;
  readonly countsMs?: number;
}

const COUNTS_MS = 10_000;

/** Publishes a worker's counts now and then, where they have changed. */
export class CountReports {
  readonly #options: CountReportsOptions;
  readonly #startedMs = performance.now();
  #told = { atMs: performance.now(), answered: 0, text: '' };
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CountReportsOptions) {
    this.#options = options;
  }

  /** There is a connection: nothing that was published with the one before is there any more. */
  begin(): void {
    this.rest();
    this.#told.text = '';
    this.#timer = setInterval(() => this.#publish(), this.#options.countsMs ?? COUNTS_MS).unref();
  }

  rest(): void {
    clearInterval(this.#timer);
  }

  #publish(): void {
    const { connection, topics, name, counts: exact } = this.#options;
    const counts = { ...exact, cpuMs: Math.round(exact.cpuMs), lagMs: round(exact.lagMs) };
    const text = JSON.stringify(counts);
    if (text === this.#told.text) return;
    const nowMs = performance.now();
    const perSecond = round((1000 * (counts.answered - this.#told.answered)) / (nowMs - this.#told.atMs));
    this.#told = { atMs: nowMs, answered: counts.answered, text };
    const uptimeSeconds = Math.round((nowMs - this.#startedMs) / 1000);
    const payload = JSON.stringify({ ...counts, perSecond, uptimeSeconds });
    connection.publish({ topic: topics.workerCounts(name), payload, retain: true, replaces: true });
  }
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
