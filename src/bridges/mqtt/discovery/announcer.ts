import type { Incoming, Outgoing } from '../../../broker/index.js';
import type { KeywordInfo } from '../../../protocol/index.js';
import type { MqttSettings } from '../settings.js';
import { type DiscoveryMessage, type DiscoveryPlace, discoveryMessages, placeOf } from './messages.js';

/** Descriptions of earlier runs that are remembered until they are removed. */
const MOST_LEFT = 512;

/** Keeps an entity, with what its owner has set for it, while its description moves to another topic. */
const MIGRATES = JSON.stringify({ migrate_discovery: true });

type Components = Readonly<Record<string, { readonly platform: string }>>;

/**
 * Describes the daemon to Home Assistant, and removes what it was told before and is not so any more: keywords that are gone,
 * the other form of discovery, everything where discovery is off.
 */
export class Announcer {
  readonly #settings: MqttSettings;
  readonly #place: DiscoveryPlace;
  /** Retained descriptions that are known of, by topic: those of earlier runs, and ours. */
  readonly #retained = new Map<string, string>();

  constructor(settings: MqttSettings) {
    this.#settings = settings;
    this.#place = placeOf(settings);
  }

  /** To be subscribed to: what is retained of earlier runs. */
  get filters(): readonly string[] {
    return this.#place.filters;
  }

  /** Whether a message is a description that is retained. */
  take({ topic, payload, retain }: Pick<Incoming, 'topic' | 'payload' | 'retain'>): boolean {
    if (!retain || payload.length === 0 || !this.#place.isOurs(topic)) return false;
    if (this.#retained.size < MOST_LEFT) this.#retained.set(topic, payload.toString());
    return true;
  }

  /** The connection is another: what is retained is found out again. */
  forget(): void {
    this.#retained.clear();
  }

  /** What is to be published so that what is retained is what is so. */
  changes(keywords: readonly KeywordInfo[]): Outgoing[] {
    const wanted = discoveryMessages(this.#settings, keywords);
    return this.#messages(wanted, (topic, payload) => this.#retained.get(topic) !== payload);
  }

  /** The same, with all that was published already. */
  all(keywords: readonly KeywordInfo[]): Outgoing[] {
    return this.#messages(discoveryMessages(this.#settings, keywords), () => true);
  }

  #messages(
    wanted: readonly DiscoveryMessage[],
    isDue: (topic: string, payload: string) => boolean,
  ): Outgoing[] {
    const stale = [...this.#retained.keys()].filter((old) => !wanted.some(({ topic }) => topic === old));
    const moved = wanted.length === 0 ? [] : stale.filter((topic) => this.#hasMoved(topic, wanted));
    const due = wanted.filter(({ topic, payload }) => isDue(topic, payload));
    const messages = [
      // Not retained: who was not there had no entities to keep.
      ...moved.map((topic) => ({ topic, payload: MIGRATES })),
      ...due.flatMap((message) => this.#withoutGone(message)),
      ...due.map(retained),
      ...stale.map((topic) => retained({ topic, payload: '' })),
    ];
    for (const topic of stale) this.#retained.delete(topic);
    for (const { topic, payload } of due) this.#retained.set(topic, payload);
    return messages;
  }

  /** Whether what was described there is described elsewhere now. */
  #hasMoved(topic: string, wanted: readonly DiscoveryMessage[]): boolean {
    if (topic === this.#place.deviceTopic) return true;
    const [only] = wanted;
    if (only.topic !== this.#place.deviceTopic) return false;
    const [platform, , id] = topic.split('/').slice(-4, -1);
    return componentsOf(only.payload)[id]?.platform === platform;
  }

  /** A component is removed by a description that has nothing of it but its platform, before the one without it. */
  #withoutGone({ topic, payload }: DiscoveryMessage): Outgoing[] {
    if (topic !== this.#place.deviceTopic) return [];
    const now = componentsOf(payload);
    const gone = Object.entries(componentsOf(this.#retained.get(topic) ?? '{}'))
      .filter(([id]) => !Object.hasOwn(now, id))
      .map(([id, { platform }]) => [id, { platform }] as const);
    if (gone.length === 0) return [];
    const components = { ...now, ...Object.fromEntries(gone) };
    return [retained({ topic, payload: JSON.stringify({ ...JSON.parse(payload), components }) })];
  }
}

function retained(message: DiscoveryMessage): Outgoing {
  return { ...message, retain: true };
}

/** Of a description of a device, as far as it is one: anyone may have put anything there. */
function componentsOf(payload: string): Components {
  try {
    const { components = {} } = JSON.parse(payload);
    const valid = Object.entries(components as object).filter(
      ([, component]) => typeof component?.platform === 'string',
    );
    return Object.fromEntries(valid);
  } catch {
    return {};
  }
}
