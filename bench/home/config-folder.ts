import { createHmac, randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

/** From dist/bench/home/. */
const COMPONENTS = fileURLToPath(new URL('../../../bench/home/custom_components', import.meta.url));

export interface Furnishing {
  /** As YAML would have them. */
  readonly automations?: readonly unknown[];
  /** Whether it looks for devices in the network. */
  readonly looksAround?: boolean;
}

/**
 * Writes what a Home Assistant has on its disk after somebody has created an account and clicked through its first steps.
 *
 * @returns a long-lived access token of that account
 */
export function writeConfigFolder(
  folder: string,
  port: number,
  { automations = [], looksAround = false }: Furnishing,
): string {
  mkdirSync(join(folder, '.storage'), { recursive: true });
  cpSync(COMPONENTS, join(folder, 'custom_components'), { recursive: true });
  const configuration = {
    homeassistant: { name: 'Home', unit_system: 'metric', time_zone: 'UTC', country: 'GB', language: 'en' },
    http: { server_host: '127.0.0.1', server_port: port },
    logger: { default: 'warning' },
    api: null,
    config: null,
    frontend: null,
    history: null,
    logbook: null,
    system_log: null,
    webhook: null,
    wakegate_bench: null,
    input_boolean: { kitchen: null, hall: null, television: null },
    light: [{ platform: 'template', lights: { kitchen: lightOf('kitchen'), hall: lightOf('hall') } }],
    media_player: [{ platform: 'universal', name: 'Television', state_template: PLAYS }],
    automation: automations,
    ...(looksAround && { zeroconf: null }),
  };
  writeFileSync(join(folder, 'configuration.yaml'), stringify(configuration, { nullStr: '' }));
  const store = (key: string, version: number, data: unknown) =>
    writeFileSync(join(folder, '.storage', key), JSON.stringify({ version, minor_version: 1, key, data }));
  store('onboarding', 4, { done: ['user', 'core_config', 'integration', 'analytics'] });
  const { account, token } = newAccount();
  store('auth', 1, account);
  return token;
}

const PLAYS = "{{ 'playing' if is_state('input_boolean.television', 'on') else 'idle' }}";

/** A light that is nothing but a switch in memory. */
function lightOf(room: string) {
  const target = { entity_id: `input_boolean.${room}` };
  return {
    friendly_name: room,
    value_template: `{{ is_state('input_boolean.${room}', 'on') }}`,
    turn_on: { service: 'input_boolean.turn_on', target },
    turn_off: { service: 'input_boolean.turn_off', target },
  };
}

function newAccount() {
  const [user, refresh, key] = [randomBytes(16), randomBytes(16), randomBytes(64)].map((one) =>
    one.toString('hex'),
  );
  const years = 10 * 365 * 86_400;
  const now = Math.floor(Date.now() / 1000);
  const account = {
    users: [
      {
        id: user,
        group_ids: ['system-admin'],
        is_owner: true,
        is_active: true,
        name: 'You',
        system_generated: false,
        local_only: false,
      },
    ],
    groups: [
      { id: 'system-admin', name: 'Administrators' },
      { id: 'system-users', name: 'Users' },
      { id: 'system-read-only', name: 'Read Only' },
    ],
    credentials: [],
    refresh_tokens: [
      {
        id: refresh,
        user_id: user,
        client_id: null,
        client_name: 'bench',
        client_icon: null,
        token_type: 'long_lived_access_token',
        created_at: new Date().toISOString(),
        access_token_expiration: years,
        token: randomBytes(64).toString('hex'),
        jwt_key: key,
        last_used_at: null,
        last_used_ip: null,
        expire_at: null,
        credential_id: null,
        version: '2024.3.3',
      },
    ],
  };
  return { account, token: signed({ iss: refresh, iat: now, exp: now + years }, key) };
}

/** A JSON Web Token, by HMAC with SHA-256. */
function signed(claims: object, key: string): string {
  const [head, body] = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `${head}.${body}.${createHmac('sha256', key).update(`${head}.${body}`).digest('base64url')}`;
}
