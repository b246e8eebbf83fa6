import type { TProperties } from '../schema/index.js';
import { LIVE_KEYS } from './changes.js';
import { HookConfigSchema } from './hooks.js';
import { CONFIG_KEYS, type ConfigKey, ConfigSchema, KeywordConfigSchema } from './schema.js';
import { kebabCase } from './text.js';

/** The page docs/reference/configuration.md: every setting, in the words of the schema that checks them. */
export function configurationPage(): string {
  return `# Configuration

<!-- Made by "npm run docs" from src/config/schema.ts: change it there. -->

Settings come from a JSON or YAML file (\`--config FILE\`, or WAKEGATE_CONFIG), then from the environment, then from flags.
Each overrides the one before; settings of keywords are overridden one by one.
Relative paths in a file start at the folder of that file.
A token that systemd hands over as the credential \`wakegate.token\` (\`LoadCredential=\`) is used instead of the file's \`tokenFile\`.
Variables that Kubernetes and docker set for a service called \`wakegate\`, such as \`WAKEGATE_PORT=tcp://…\`, are ignored.
An unknown key is refused, and the nearest known one is suggested.

\`wakegate config print\` prints the current settings as a file that explains each of them.
\`wakegate config check\` checks them, with the options of \`wakegate run\`: it finds whatever would keep the daemon from running.

On SIGHUP (\`systemctl reload wakegate\`) the daemon reads its settings again without losing any sound.
${LIVE_KEYS.map((key) => `\`${key}\``).join(', ')} take effect at once.
It logs which of the others need a restart.
If the new settings are not valid, it logs why and keeps the old ones.

| setting | flag, variable | default | values | what it does |
| --- | --- | --- | --- | --- |
${CONFIG_KEYS.map(row).join('\n')}

## Settings of a keyword

\`\`\`yaml
keywords:
  alexa: { threshold: 0.7, patience: 2 }
  jarvis: { enabled: false }
\`\`\`

${tableOf(KeywordConfigSchema.properties)}

## Settings of a hook

\`\`\`yaml
hooks:
  light: { url: "https://home.example/api/webhook/wakegate-4f1c0d", keywords: [computer], secretFile: hook.secret }
  chime: { command: [/usr/bin/aplay, -q, /etc/wakegate/chime.wav] }
\`\`\`

A hook has either a \`url\` or a \`command\`; [Hooks](../guides/hooks.md) is its guide.

${tableOf(HookConfigSchema.properties)}
`;
}

function tableOf(properties: TProperties): string {
  const rows = Object.entries(properties).map(
    ([key, schema]) => `| \`${key}\` | ${valuesOf(schema)} | ${schema.description} |`,
  );
  return ['| setting | values | what it does |', '| --- | --- | --- |', ...rows].join('\n');
}

function row(key: ConfigKey): string {
  const schema: Facts = ConfigSchema.properties[key];
  const flag = kebabCase(key);
  const variable = `WAKEGATE_${flag.replaceAll('-', '_').toUpperCase()}`;
  const names = schema.type === 'object' ? `${variable} (JSON)` : `\`--${flag}\`, ${variable}`;
  const standard = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
  return `| \`${key}\` | ${names} | ${standard} | ${valuesOf(schema)} | ${schema.description} |`;
}

/** What this page says of a schema. */
interface Facts {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

function valuesOf({ type, enum: words, minimum, exclusiveMinimum, maximum }: Facts): string {
  if (words) return words.join(', ');
  if (type === 'object') return 'a group for each name';
  if (type === 'array') return 'a list';
  if (type === 'boolean') return 'true, false';
  if (type === 'string') return 'text';
  if (type !== 'number' && type !== 'integer') return type ?? 'any of several kinds';
  const from = exclusiveMinimum === undefined ? `${minimum} to` : `over ${exclusiveMinimum}, to`;
  return `${type === 'integer' ? 'whole, ' : ''}${from} ${maximum}`;
}
