import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { asWakegateError, WakegateError } from '../errors.js';
import { checkConfig, type PartialConfig } from './check.js';

/**
 * Settings from a file: JSON where its name ends in .json, else YAML.
 *
 * @throws WakegateError WG_CONFIG_INVALID for a file that cannot be read or parsed, or does not fit the
 *   schema
 */
export async function readConfigFile(path: string): Promise<PartialConfig> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new WakegateError('WG_CONFIG_INVALID', `the configuration file ${path} cannot be read: ${why}`, {
      cause: error,
    });
  });
  const isJson = extname(path).toLowerCase() === '.json';
  // A file with nothing in it, or nothing but comments, is YAML for null.
  return checkConfig((isJson ? parseJson(text, path) : await parseYaml(text, path)) ?? {}, path);
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
