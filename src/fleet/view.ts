import type { Incoming } from '../broker/index.js';
import {
  readPresence,
  type SatelliteCounts,
  type SatellitePresence,
  type WorkerCounts,
  type WorkerPresence,
} from './presence.js';
import type { FleetTopics } from './topics.js';

/** Who is there, with the newest counts of each; null where none were published yet. */
export interface FleetOverview {
  readonly workers: readonly (WorkerPresence & { readonly counts: WorkerCounts | null })[];
  readonly satellites: readonly (SatellitePresence & { readonly counts: SatelliteCounts | null })[];
}

/** Of all satellites that are there. */
export interface FleetTotals {
  readonly satellites: number;
  readonly workers: number;
  /** Handoffs. */
  readonly perSecond: number;
  /** From a handoff to its answer: mean of the satellites that had some. */
  readonly lagMs: number;
  readonly again: number;
  readonly lost: number;
}

/** Of each kind that are remembered. */
const MOST_KNOWN = 4096;

/** What is retained on the broker about a fleet, as messages come. */
export class FleetView {
  readonly #topics: FleetTopics;
  readonly #workers = new Map<string, WorkerPresence>();
  readonly #satellites = new Map<string, SatellitePresence>();
  readonly #workerCounts = new Map<string, WorkerCounts>();
  readonly #satelliteCounts = new Map<string, SatelliteCounts>();

  constructor(topics: FleetTopics) {
    this.#topics = topics;
  }

  /** @returns whether it is about somebody, and says what its topic promises; an empty one says that somebody has gone */
  take({ topic, payload }: Pick<Incoming, 'topic' | 'payload'>): boolean {
    const about = this.#topics.about(topic);
    if (about === null) return false;
    const { kind, name } = about;
    if (kind === 'worker') return keep(this.#workers, name, payload, (bytes) => readPresence(kind, bytes));
    if (kind === 'satellite')
      return keep(this.#satellites, name, payload, (bytes) => readPresence(kind, bytes));
    if (kind === 'workerCounts')
      return keep(this.#workerCounts, name, payload, (bytes) => readPresence(kind, bytes));
    return keep(this.#satelliteCounts, name, payload, (bytes) => readPresence(kind, bytes));
  }

  /** The connection is another: what is retained comes again. */
  forget(): void {
    for (const known of [this.#workers, this.#satellites, this.#workerCounts, this.#satelliteCounts])
      known.clear();
  }

  /** The first by name of the workers that are there, so that one of them speaks for all; null where there are none. */
  get firstWorker(): string | null {
    let first: string | null = null;
    for (const name of this.#workers.keys()) if (first === null || name < first) first = name;
    return first;
  }

  get satellites(): Iterable<SatellitePresence> {
    return this.#satellites.values();
  }

  get overview(): FleetOverview {
    const sorted = <Value>(map: ReadonlyMap<string, Value>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      workers: sorted(this.#workers).map(([name, one]) => ({
        ...one,
        counts: this.#workerCounts.get(name) ?? null,
      })),
      satellites: sorted(this.#satellites).map(([name, one]) => ({
        ...one,
        counts: this.#satelliteCounts.get(name) ?? null,
      })),
    };
  }
}

export function totalsOf({ workers, satellites }: FleetOverview): FleetTotals {
  const counts = satellites.flatMap((one) => one.counts ?? []);
  const sum = (of: (counts: SatelliteCounts) => number) => counts.reduce((total, one) => total + of(one), 0);
  const answered = counts.filter((one) => one.answered > 0);
  const lags = answered.reduce((total, { lagMs }) => total + lagMs, 0);
  return {
    satellites: satellites.length,
    workers: workers.length,
    perSecond: rounded(sum(({ perSecond }) => perSecond)),
    lagMs: answered.length === 0 ? 0 : rounded(lags / answered.length),
    again: sum(({ again }) => again),
    lost: sum(({ lost }) => lost),
  };
}

function keep<Value>(
  known: Map<string, Value>,
  name: string,
  payload: Buffer,
  read: (payload: Buffer) => Value | null,
): boolean {
  if (payload.length === 0) {
    known.delete(name);
    return true;
  }
  const value = read(payload);
  if (value === null) return false;
  if (known.has(name) || known.size < MOST_KNOWN) known.set(name, value);
  return true;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
