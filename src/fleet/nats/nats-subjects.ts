import type { FleetTopics } from '../topics.js';

/**
 * How NATS carries messages of a topic: `windows` and `claims` through a stream, `presence` and `state` through one that keeps the newest
 * of each subject, `answers` as they come, and nothing else.
 */
export type NatsRoute = 'windows' | 'claims' | 'presence' | 'state' | 'answers';

const ROUTES: Readonly<Record<string, NatsRoute>> = {
  windows: 'windows',
  claims: 'claims',
  workers: 'presence',
  satellites: 'presence',
  keywords: 'state',
  counts: 'state',
  status: 'state',
  answers: 'answers',
};

/** Filter of a shared subscription of MQTT: its group, and the filter itself. */
const SHARED = /^\$share\/([^/]+)\/(.+)$/;

/** Where the server answers a user, so that no other one may read it. */
export function inboxOf(user: string): string {
  return `_INBOX_${user.replace(/[^A-Za-z0-9_-]/g, '_')}`;
}

/** Topics of MQTT as subjects of NATS: levels are parted by dots, and wildcards are other ones. */
export class NatsSubjects {
  readonly #prefix: string;
  /** Streams have no dots, slashes or spaces in their names. */
  readonly #name: string;

  constructor({ prefix }: Pick<FleetTopics, 'prefix'>) {
    this.#prefix = prefix;
    this.#name = prefix.replace(/[^A-Za-z0-9_-]/g, '_');
  }

  /** Null for a topic that is none of the fleet's, such as those of Home Assistant, which does not speak NATS. */
  routeOf(topic: string): NatsRoute | null {
    if (!topic.startsWith(`${this.#prefix}/`)) return null;
    const [kind] = topic.slice(this.#prefix.length + 1).split('/');
    return ROUTES[kind] ?? null;
  }

  subjectOf(topic: string): string {
    return topic
      .replace(/[.]/g, '_')
      .split('/')
      .map((level) => (level === '+' ? '*' : level === '#' ? '>' : level))
      .join('.');
  }

  /** Of a subject that {@link subjectOf} has made of a topic of the fleet. */
  topicOf(subject: string): string {
    const prefix = this.subjectOf(this.#prefix);
    const rest = subject.startsWith(`${prefix}.`) ? subject.slice(prefix.length + 1) : null;
    return rest === null ? subject : `${this.#prefix}/${rest.replaceAll('.', '/')}`;
  }

  /** Null for a filter that is not shared. */
  sharedOf(filter: string): { readonly group: string; readonly filter: string } | null {
    const [, group, rest] = SHARED.exec(filter) ?? [];
    return group === undefined ? null : { group, filter: rest };
  }

  streamOf(route: Exclude<NatsRoute, 'answers'>): string {
    return `${this.#name}-${route}`;
  }

  /** Name of the consumer that the workers of a group share for such windows. */
  consumerOf(group: string, filter: string): string {
    const [fingerprint, , set] = filter.slice(`${this.#prefix}/windows/`.length).split('/');
    return [group, fingerprint, ...(set === undefined ? [] : [set])].join('-');
  }

  /** Subjects of each stream. */
  subjectsOf(route: Exclude<NatsRoute, 'answers'>): string[] {
    const kinds = Object.keys(ROUTES).filter((kind) => ROUTES[kind] === route);
    const prefix = this.subjectOf(this.#prefix);
    return kinds.map((kind) => (kind === 'status' ? `${prefix}.${kind}` : `${prefix}.${kind}.>`));
  }
}
