import type { Config } from '../config/index.js';

/** How names, groups and rooms look in a topic. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

const WINDOWS = /^([0-9a-f]{8})\/([A-Za-z0-9_-]{1,64})(?:\/([0-9a-f]{8}))?$/;

/** In place of a group, in topics: no group has that name. */
const NO_GROUP = '-alone-';

/** Kinds of what is retained: where it is, and how many levels are below that, the name last. */
const KINDS = [
  ['worker', 'workers', 1],
  ['satellite', 'satellites', 2],
  ['workerCounts', 'counts/workers', 1],
  ['satelliteCounts', 'counts/satellites', 1],
] as const;

/** Whose windows they are. */
export interface WindowsPlace {
  readonly fingerprint: string;
  readonly satellite: string;
  /** The satellite's set of own keywords; null for none. */
  readonly own: string | null;
}

/** Every topic of a fleet: docs/guides/fleet.md lists them. */
export interface FleetTopics {
  readonly prefix: string;
  /**
   * Windows of one satellite for workers that hold its pack.
   *
   * @param own the satellite's set of own keywords; null for none
   */
  windows(fingerprint: string, satellite: string, own?: string | null): string;
  /**
   * Filter of the windows of a pack, one worker of a group for each.
   *
   * @param own those that are for that set of own keywords; by default those that are for none
   */
  sharedWindows(group: string, fingerprint: string, own?: string | null): string;
  /** What a topic of windows says; null for another topic. */
  windowsOf(topic: string): WindowsPlace | null;
  /** Retained: a satellite's own keywords. */
  ownKeywords(satellite: string): string;
  /** The satellite of such a topic; null for another topic. */
  ownKeywordsOf(topic: string): string | null;
  /** Answers to one satellite. */
  answers(satellite: string): string;
  /** Retained: that it is there, and what it holds. */
  worker(name: string): string;
  /** By its group, so that a satellite need not hear of those of other groups; null for none. */
  satellite(group: string | null, name: string): string;
  readonly workers: string;
  readonly satellites: string;
  satellitesOf(group: string | null): string;
  /** Retained: its counts, now and then. */
  workerCounts(name: string): string;
  satelliteCounts(name: string): string;
  readonly counts: string;
  /** Retained: figures of all, for Home Assistant. */
  readonly status: string;
  /** What such a topic is about, and whom; null for another topic. */
  about(topic: string): {
    readonly kind: 'worker' | 'satellite' | 'workerCounts' | 'satelliteCounts';
    readonly name: string;
  } | null;
  /** Who has heard what, and who answers: all satellites of a group. */
  claims(group: string): string;
}

export function fleetTopicsOf({ fleetPrefix: prefix }: Pick<Config, 'fleetPrefix'>): FleetTopics {
  const windows = `${prefix}/windows/`;
  const keywords = `${prefix}/keywords/`;
  const groupOf = (group: string | null) => group ?? NO_GROUP;
  return {
    prefix,
    windows: (fingerprint, satellite, own = null) =>
      `${windows}${fingerprint}/${satellite}${own === null ? '' : `/${own}`}`,
    // Own keywords are one level more, or none.
    sharedWindows: (group, fingerprint, own = null) =>
      `$share/${group}/${windows}${fingerprint}/+${own === null ? '' : `/${own}`}`,
    windowsOf: (topic) => {
      if (!topic.startsWith(windows)) return null;
      const [, fingerprint, satellite, own = null] = WINDOWS.exec(topic.slice(windows.length)) ?? [];
      return satellite === undefined ? null : { fingerprint, satellite, own };
    },
    ownKeywords: (satellite) => `${keywords}${satellite}`,
    ownKeywordsOf: (topic) => {
      const satellite = topic.startsWith(keywords) ? topic.slice(keywords.length) : '';
      return NAME.test(satellite) ? satellite : null;
    },
    answers: (satellite) => `${prefix}/answers/${satellite}`,
    worker: (name) => `${prefix}/workers/${name}`,
    satellite: (group, name) => `${prefix}/satellites/${groupOf(group)}/${name}`,
    workers: `${prefix}/workers/+`,
    satellites: `${prefix}/satellites/+/+`,
    satellitesOf: (group) => `${prefix}/satellites/${groupOf(group)}/+`,
    workerCounts: (name) => `${prefix}/counts/workers/${name}`,
    satelliteCounts: (name) => `${prefix}/counts/satellites/${name}`,
    counts: `${prefix}/counts/#`,
    status: `${prefix}/status`,
    about: (topic) => {
      for (const [kind, place, levels] of KINDS) {
        const before = `${prefix}/${place}/`;
        if (!topic.startsWith(before)) continue;
        const parts = topic.slice(before.length).split('/');
        const name = parts[levels - 1];
        return parts.length === levels && NAME.test(name) ? { kind, name } : null;
      }
      return null;
    },
    claims: (group) => `${prefix}/claims/${group}`,
  };
}

/** How a fingerprint is written in topics and messages. */
export function fingerprintText(fingerprint: number): string {
  return (fingerprint >>> 0).toString(16).padStart(8, '0');
}
