import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfig, loadConfig } from '../../../src/config/index.js';
import { mutate } from '../mutate.js';
import { mutateJson } from '../mutate-json.js';
import type { FuzzTarget } from '../target.js';

const code = ['/src/config/', '/src/schema/', '/src/nearest.js', '/src/read-text.js'];

const YAML = `# all kinds of settings
port: 9000
host: 0.0.0.0
allowedHosts: [home.example, '*.home.example']
allowedOrigins: &origins ['https://home.example', "app://x"]
keywords:
  alexa: { threshold: 0.5, label: "Al \\u00e4" }
  computer:
    enabled: false
    patience: 3
logLevel: !!str info
description: |
  a text
`;

/**
 * A configuration file, as JSON and as YAML. YAML of 64 kB takes a while.
 *
 * @param folder for the file
 */
export function configFile(folder: string): FuzzTarget {
  return {
    name: 'config file',
    code,
    isOwn: true,
    seeds: () =>
      [YAML, JSON.stringify(defaultConfig()), '{"keywords":{"alexa":{"threshold":0.5}}}'].map(toBuffer),
    mutate: mutateText,

    async read(input, pause) {
      const problems: unknown[] = [];
      for (const name of ['config.yaml', 'config.json']) {
        const file = join(folder, name);
        writeFileSync(file, input);
        await loadConfig({ file, environment: {} }).catch((error: unknown) => problems.push(error));
        pause();
      }
      if (({} as { a?: number }).a !== undefined) throw new Error('the prototype of all objects is changed');
      for (const problem of problems) throw problem;
    },
  };
}

/** Environment variables, each `NAME=value`, with zeros between them as in /proc/PID/environ. */
export const environment: FuzzTarget = {
  name: 'environment',
  code,
  seeds: () => [
    toBuffer(
      [
        'WAKEGATE_PORT=9000',
        'WAKEGATE_LOG_LEVEL=info',
        'WAKEGATE_ALLOWED_HOSTS=home.example,*.home.example',
        'WAKEGATE_KEYWORDS={"alexa":{"threshold":0.5}}',
        'WAKEGATE_NAME=/wakegate',
        'WAKEGATE_SERVICE_HOST=10.0.0.1',
      ].join('\0'),
    ),
  ],

  mutate(corpus) {
    if (Math.random() < 0.5) return mutate(corpus);
    const variables = corpus[Math.floor(Math.random() * corpus.length)].toString().split('\0');
    const at = Math.floor(Math.random() * variables.length);
    const [name, value] = split(variables[at]);
    variables[at] = `${name}=${mutateJson(value) ?? mutate([toBuffer(value)])}`;
    return toBuffer(variables.join('\0'));
  },

  async read(input) {
    await loadConfig({ environment: Object.fromEntries(input.toString().split('\0').map(split)) });
  },
};

function split(variable: string): [name: string, value: string] {
  const at = variable.indexOf('=');
  return at < 0 ? [variable, ''] : [variable.slice(0, at), variable.slice(at + 1)];
}

function mutateText(corpus: readonly Buffer[]): Buffer {
  const text =
    Math.random() < 0.6 && mutateJson(corpus[Math.floor(Math.random() * corpus.length)].toString());
  return text ? Buffer.from(text) : mutate(corpus);
}

function toBuffer(text: string): Buffer {
  return Buffer.from(text);
}
