import type { Config } from '../../config/index.js';
import { type AclOptions, type Rights, rightsOf } from '../rights.js';
import { fleetTopicsOf } from '../topics.js';
import { inboxOf, NatsSubjects } from './nats-subjects.js';

/**
 * Users with permissions, for the settings of nats-server, by which each may do what it has to, and nothing else. What a stream holds is
 * read through consumers: whoever makes one names what it is to have, which is part of the subject that is asked, and so is allowed or not.
 */
export function natsAclOf(options: AclOptions, settings: Pick<Config, 'fleetPrefix'>): string {
  const subjects = new NatsSubjects({ prefix: settings.fleetPrefix });
  const users = rightsOf(options, fleetTopicsOf(settings)).map((rights) => userOf(rights, subjects));
  return [
    '# Written by "wakegate fleet acl --for nats": include it in the settings of nats-server.',
    '# The passwords are in a file next to it, a line for each user, such as: PASSWORD_kitchen: "secret"',
    'include wakegate-passwords.conf',
    'authorization {',
    '  users: [',
    ...users,
    '  ]',
    '}',
    '',
  ].join('\n');
}

function userOf({ name, role, publish, subscribe }: Rights, subjects: NatsSubjects): string {
  const streams = (['windows', 'claims', 'presence', 'state'] as const).map((route) =>
    subjects.streamOf(route),
  );
  const allowed = {
    publish: [
      ...publish.flatMap((topic) => subjectsOf(topic, subjects)),
      '$JS.API.INFO',
      // Streams are made where they are missing. None may be changed or removed.
      ...streams.flatMap((stream) => [`$JS.API.STREAM.CREATE.${stream}`, `$JS.API.STREAM.INFO.${stream}`]),
      ...subscribe.flatMap((topic) => readingOf(topic, subjects)),
    ],
    subscribe: [
      ...subscribe
        .filter((topic) => subjects.routeOf(topic) === 'answers')
        .map((topic) => subjects.subjectOf(topic)),
      `${inboxOf(name)}.>`,
    ],
  };
  const list = (rules: readonly string[]) =>
    [...new Set(rules)].map((rule) => `          "${rule}"`).join('\n');
  return [
    `    # ${role}`,
    `    { user: "${name}", password: $PASSWORD_${name.replaceAll('-', '_')}`,
    '      permissions: {',
    `        publish: [\n${list(allowed.publish)}\n        ]`,
    `        subscribe: [\n${list(allowed.subscribe)}\n        ]`,
    '      }',
    '    }',
  ].join('\n');
}

/** In MQTT, a filter that ends with # means the level above too. */
function subjectsOf(topic: string, subjects: NatsSubjects): string[] {
  return [
    ...(topic.endsWith('/#') ? [subjects.subjectOf(topic.slice(0, -2))] : []),
    subjects.subjectOf(topic),
  ];
}

/** What has to be asked of JetStream to read such messages. */
function readingOf(topic: string, subjects: NatsSubjects): string[] {
  const route = subjects.routeOf(topic);
  if (route === null || route === 'answers') return [];
  const stream = subjects.streamOf(route);
  return [
    ...subjectsOf(topic, subjects).map((subject) => `$JS.API.CONSUMER.CREATE.${stream}.*.${subject}`),
    ...['INFO', 'DELETE', 'MSG.NEXT'].map((what) => `$JS.API.CONSUMER.${what}.${stream}.*`),
    ...(route === 'windows' ? [`$JS.ACK.${stream}.>`] : []),
  ];
}
