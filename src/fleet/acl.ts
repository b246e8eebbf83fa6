import type { Config } from '../config/index.js';
import { fleetTopicsOf } from './topics.js';

export interface AclOptions {
  /** Users of the broker: each has the name that its wakegate has there. */
  readonly satellites: readonly string[];
  readonly workers: readonly string[];
  /** Those who may look on. */
  readonly viewers: readonly string[];
  /** Of the rooms that answer once; null for none. */
  readonly group: string | null;
}

type Settings = Pick<Config, 'fleetPrefix' | 'mqttPrefix' | 'mqttDiscoveryPrefix'>;

/** Rules for mosquitto's `acl_file`, by which each may do what it has to, and nothing else. */
export function aclOf({ satellites, workers, viewers, group }: AclOptions, settings: Settings): string {
  const topics = fleetTopicsOf(settings);
  const { fleetPrefix, mqttPrefix, mqttDiscoveryPrefix: discovery } = settings;
  const satelliteRules = (name: string) => [
    `user ${name}`,
    `topic write ${topics.windows('+', name)}/#`,
    `topic write ${topics.ownKeywords(name)}`,
    `topic read ${topics.answers(name)}`,
    `topic read ${topics.workers}`,
    `topic write ${topics.satellite(group, name)}`,
    `topic write ${topics.satelliteCounts(name)}`,
    ...(group === null
      ? []
      : [`topic read ${topics.satellitesOf(group)}`, `topic readwrite ${topics.claims(group)}`]),
    '# Home Assistant, where mqttUrl is set',
    `topic readwrite ${mqttPrefix}/${name}/#`,
    `topic write ${discovery}/#`,
    `topic read ${discovery}/status`,
  ];
  const workerRules = (name: string) => [
    `user ${name}`,
    `topic read ${fleetPrefix}/windows/#`,
    `topic read ${topics.ownKeywords('+')}`,
    `topic write ${fleetPrefix}/answers/+`,
    `topic read ${topics.satellites}`,
    `topic write ${topics.worker(name)}`,
    `topic write ${topics.workerCounts(name)}`,
    '# Who else is there, for Home Assistant and for metrics',
    `topic read ${topics.workers}`,
    `topic read ${topics.counts}`,
    `topic write ${topics.status}`,
    `topic write ${discovery}/#`,
  ];
  const viewerRules = (name: string) => [
    `user ${name}`,
    `topic read ${topics.workers}`,
    `topic read ${topics.satellites}`,
    `topic read ${topics.counts}`,
  ];
  const parts = [
    [
      '# Written by "wakegate fleet acl": for acl_file of mosquitto.conf, with allow_anonymous false and a password_file',
    ],
    ...satellites.map((name) => ['# A satellite', ...satelliteRules(name)]),
    ...workers.map((name) => ['# A worker', ...workerRules(name)]),
    ...viewers.map((name) => ['# "wakegate fleet" only', ...viewerRules(name)]),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
