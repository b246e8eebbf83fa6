import type { FleetTopics } from './topics.js';

export interface AclOptions {
  /** Users of the broker: each has the name that its wakegate has there. */
  readonly satellites: readonly string[];
  readonly workers: readonly string[];
  /** Those who may look on. */
  readonly viewers: readonly string[];
  /** Of the rooms that answer once; null for none. */
  readonly group: string | null;
}

/** What one user of a broker may do in a fleet, as filters of topics. */
export interface Rights {
  readonly name: string;
  readonly role: 'satellite' | 'worker' | 'viewer';
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Each may do what it has to, and nothing else. */
export function rightsOf(
  { satellites, workers, viewers, group }: AclOptions,
  topics: FleetTopics,
): readonly Rights[] {
  const satellite = (name: string): Rights => ({
    ...{ name, role: 'satellite' },
    publish: [
      `${topics.windows('+', name)}/#`,
      topics.ownKeywords(name),
      topics.satellite(group, name),
      topics.satelliteCounts(name),
      ...(group === null ? [] : [topics.claims(group)]),
    ],
    subscribe: [
      topics.answers(name),
      topics.workers,
      ...(group === null ? [] : [topics.satellitesOf(group), topics.claims(group)]),
    ],
  });
  const worker = (name: string): Rights => ({
    ...{ name, role: 'worker' },
    publish: [topics.answers('+'), topics.worker(name), topics.workerCounts(name), topics.status],
    subscribe: [
      `${topics.windows('+', '+')}/#`,
      topics.ownKeywords('+'),
      topics.satellites,
      // Who else is there, for Home Assistant and for metrics.
      topics.workers,
      topics.counts,
    ],
  });
  const viewer = (name: string): Rights => ({
    ...{ name, role: 'viewer' },
    publish: [],
    subscribe: [topics.workers, topics.satellites, topics.counts],
  });
  return [...satellites.map(satellite), ...workers.map(worker), ...viewers.map(viewer)];
}
