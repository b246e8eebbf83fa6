import type { Config } from '../config/index.js';
import { type AclOptions, type Rights, rightsOf } from './rights.js';
import { fleetTopicsOf } from './topics.js';

type Settings = Pick<Config, 'fleetPrefix' | 'mqttPrefix' | 'mqttDiscoveryPrefix'>;

const ROLES = { satellite: 'A satellite', worker: 'A worker', viewer: '"wakegate fleet" only' } as const;

/** Rules for mosquitto's `acl_file`, by which each may do what it has to, and nothing else. */
export function aclOf(options: AclOptions, settings: Settings): string {
  const parts = [
    '# Written by "wakegate fleet acl": for acl_file of mosquitto.conf, with allow_anonymous false and a password_file',
    ...rightsOf(options, fleetTopicsOf(settings)).map((rights) => rulesOf(rights, settings)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function rulesOf(rights: Rights, settings: Settings): string {
  const { name, role, publish, subscribe } = rights;
  const both = publish.filter((topic) => subscribe.includes(topic));
  const home = homeAssistantOf(rights, settings);
  return [
    `# ${ROLES[role]}`,
    `user ${name}`,
    ...publish.filter((topic) => !both.includes(topic)).map((topic) => `topic write ${topic}`),
    ...subscribe.filter((topic) => !both.includes(topic)).map((topic) => `topic read ${topic}`),
    ...both.map((topic) => `topic readwrite ${topic}`),
    ...(home.length > 0 ? ['# Home Assistant', ...home] : []),
  ].join('\n');
}

/** A worker describes the fleet to it; a satellite with mqttUrl is a device of its own. */
function homeAssistantOf({ name, role }: Rights, { mqttPrefix, mqttDiscoveryPrefix }: Settings): string[] {
  if (role === 'viewer') return [];
  const discovery = `topic write ${mqttDiscoveryPrefix}/#`;
  if (role === 'worker') return [discovery];
  return [`topic readwrite ${mqttPrefix}/${name}/#`, discovery, `topic read ${mqttDiscoveryPrefix}/status`];
}
