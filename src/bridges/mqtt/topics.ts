import type { Config } from '../../config/index.js';

/** Every topic of one wakegate: docs/reference/mqtt.md lists them. */
export interface Topics {
  readonly base: string;
  readonly availability: string;
  readonly detection: string;
  readonly test: string;
  readonly state: string;
  readonly keyword: string;
  readonly problem: string;
  readonly stats: string;
  readonly mute: string;
  readonly muteSet: string;
  readonly playingSet: string;
  threshold(keyword: string): string;
  thresholdSet(keyword: string): string;
  /** The keyword whose threshold such a topic sets; null where it sets none. */
  keywordSetBy(topic: string): string | null;
  /** Filters of the topics by which others change something here. */
  readonly commands: readonly string[];
  /** Filter of what is retained of keywords. */
  readonly thresholds: string;
}

export function topicsOf({ mqttPrefix }: Pick<Config, 'mqttPrefix'>, name: string): Topics {
  const base = `${mqttPrefix}/${name}`;
  const threshold = (keyword: string) => `${base}/keywords/${keyword}/threshold`;
  const [before, after] = threshold('|').split('|');
  return {
    base,
    availability: `${base}/availability`,
    detection: `${base}/detection`,
    test: `${base}/test`,
    state: `${base}/state`,
    keyword: `${base}/keyword`,
    problem: `${base}/problem`,
    stats: `${base}/stats`,
    mute: `${base}/mute`,
    muteSet: `${base}/mute/set`,
    playingSet: `${base}/playing/set`,
    threshold,
    thresholdSet: (keyword) => `${threshold(keyword)}/set`,
    keywordSetBy: (topic) =>
      topic.startsWith(before) && topic.endsWith(`${after}/set`)
        ? topic.slice(before.length, -`${after}/set`.length)
        : null,
    commands: [`${base}/mute/set`, `${base}/playing/set`, `${threshold('+')}/set`],
    thresholds: threshold('+'),
  };
}
