import { type Static, Type } from '../schema/index.js';
import { OneOf } from './one-of.js';

/** What a hook can be for: every type of event but levels, which come ten times a second. */
const HOOK_EVENTS = ['detection', 'gate', 'classifier', 'input', 'config', 'problem'] as const;

/** Names stand in addresses, in the log and on the command line. */
const HOOK_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const MAX_HOOKS = 32;

export const HookConfigSchema = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s/?#]',
        maxLength: 2000,
        description:
          'Webhook: address that each event is posted to as JSON. Use https:// where others share the network. Redirects ' +
          'are not followed.',
      }),
    ),
    command: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        maxItems: 100,
        description:
          'Command: a program and its arguments, as a list; no shell reads it. It gets the event as JSON on stdin, and ' +
          'its fields as variables such as EVENT_KEYWORD.',
      }),
    ),
    on: Type.Optional(
      Type.Array(OneOf(HOOK_EVENTS, {}), {
        minItems: 1,
        description: `Types of events: ${HOOK_EVENTS.join(', ')}; detection by default.`,
      }),
    ),
    keywords: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description: 'Keywords whose detections count; all by default.',
      }),
    ),
    enabled: Type.Optional(Type.Boolean({ description: 'Whether it is used; true by default.' })),
    timeoutSeconds: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 300,
        description:
          'How long an attempt or a command may take, in seconds; 10 by default. A command that takes longer is ended, with ' +
          'all that it started.',
      }),
    ),
    retrySeconds: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 3600,
        description:
          'Webhook: for how long after an event it is tried again, with growing pauses; 60 by default, 0 for one attempt.',
      }),
    ),
    secretFile: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Webhook: file with the secret that requests are signed with; by default they are not.',
      }),
    ),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "Webhook: file with the certificate that the address is checked against, as PEM; by default Node's own list.",
      }),
    ),
    atOnce: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 4,
        description: 'Command: how many may run at a time; 1 by default. The others wait their turn.',
      }),
    ),
    environment: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Command: variables that it gets in addition, such as PULSE_SERVER.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type HookConfig = Static<typeof HookConfigSchema>;

const WEBHOOK_KEYS = ['url', 'retrySeconds', 'secretFile', 'caFile'] as const;
const COMMAND_KEYS = ['command', 'atOnce', 'environment'] as const;

/** What is wrong with hooks beyond their schema, in a sentence; null where nothing is. */
export function hookFault(hooks: Readonly<Record<string, HookConfig>>): string | null {
  const names = Object.keys(hooks);
  if (names.length > MAX_HOOKS) return `hooks may be at most ${MAX_HOOKS}, and are ${names.length}`;
  for (const name of names) {
    const place = `hooks.${name}`;
    if (!HOOK_NAME.test(name)) {
      return `hooks: the name ${JSON.stringify(name)} must be 1 to 64 letters, digits, _ and -`;
    }
    const { url, command, environment = {} } = hooks[name];
    if ((url === undefined) === (command === undefined)) return `${place} must have either url or command`;
    if (url !== undefined && !URL.canParse(url)) return `${place}.url is not a valid address`;
    if (command?.[0].trim() === '') return `${place}.command must start with a program`;
    if (command?.some((word) => word.includes('\0'))) return `${place}.command must not hold NUL characters`;
    const variable = Object.entries(environment).find(
      ([key, value]) => !/^[A-Za-z_]\w*$/.test(key) || value.includes('\0'),
    );
    if (variable) return `${place}.environment: ${JSON.stringify(variable[0])} cannot be a variable`;
    const [kind, others] = url === undefined ? ['command', WEBHOOK_KEYS] : ['webhook', COMMAND_KEYS];
    const foreign = others.find((key) => hooks[name][key] !== undefined);
    if (foreign) return `${place}.${foreign} is not for a ${kind}`;
  }
  return null;
}
