import { dirname, extname, resolve } from 'node:path';
import { asWakegateError, WakegateError } from '../errors.js';
import { isPackName } from '../pack-name.js';
import { readText } from '../read-text.js';
import { checkConfig, type PartialConfig } from './check.js';
import type { Config } from './schema.js';

/** Values of `input` that are no paths. */
const INPUT_WORDS: readonly string[] = ['mic', '-', 'auto'];

/**
 * Settings from a file: JSON where its name ends in .json, else YAML. Relative paths in it start at its folder, so that they mean
 * the same wherever the command is run: a service's working directory is /.
 *
 * @throws WakegateError WG_CONFIG_INVALID for a file that cannot be read or parsed, or does not fit the
 *   schema
 */
export async function readConfigFile(path: string): Promise<PartialConfig> {
  const text = await readText(path).catch((error: NodeJS.ErrnoException) => {
    throw new WakegateError(
      'WG_CONFIG_INVALID',
      `the configuration file ${path} cannot be read: ${reasonOf(error)}`,
      {
        cause: error,
      },
    );
  });
  const isJson = extname(path).toLowerCase() === '.json';
  // A file with nothing in it, or nothing but comments, is YAML for null.
  const settings = checkConfig((isJson ? parseJson(text, path) : await parseYaml(text, path)) ?? {}, path);
  return { ...settings, ...absolutePaths(settings, dirname(resolve(path))) };
}

/** Settings that are paths, whatever they say. */
const PATHS = [
  'tokenFile',
  'stateDirectory',
  'mqttPasswordFile',
  'mqttCa',
  'mqttCertificate',
  'mqttKey',
] as const;

/** The settings that are paths. */
function absolutePaths(settings: PartialConfig, folder: string): PartialConfig {
  const { model, input, hooks } = settings;
  const paths = {
    ...Object.fromEntries(PATHS.map((key) => [key, settings[key]])),
    model: model !== undefined && isPackName(model) ? undefined : model,
    input: input !== undefined && INPUT_WORDS.includes(input) ? undefined : input,
  };
  const given = Object.entries(paths).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(given.map(([key, path]) => [key, resolve(folder, path)])),
    ...(hooks && { hooks: absoluteHooks(hooks, folder) }),
  };
}

/** A command without a slash is looked up on the PATH. */
function absoluteHooks(hooks: Config['hooks'], folder: string): Config['hooks'] {
  const whole = Object.entries(hooks).map(([name, { command, secretFile, caFile, ...hook }]) => [
    name,
    {
      ...hook,
      ...(command && {
        command: command[0].includes('/') ? [resolve(folder, command[0]), ...command.slice(1)] : command,
      }),
      ...(secretFile && { secretFile: resolve(folder, secretFile) }),
      ...(caFile && { caFile: resolve(folder, caFile) }),
    },
  ]);
  return Object.fromEntries(whole);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw asWakegateError(error, 'WG_CONFIG_INVALID', `${path} is not valid JSON`);
  }
}

async function parseYaml(text: string, path: string): Promise<unknown> {
  const { parse } = await import('yaml'); // only loaded for such a file
  try {
    return parse(text);
  } catch (error) {
    // The rest of the message is a drawing of the place.
    const [sentence] = (error as Error).message.split('\n');
    throw new WakegateError('WG_CONFIG_INVALID', `${path} is not valid YAML: ${sentence.replace(/:$/, '')}`, {
      cause: error,
    });
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  if (code !== 'EISDIR') return message;
  return 'it is a folder: name a file (docker makes a folder in the place of a file to mount that is not there)';
}
