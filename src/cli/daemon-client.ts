import { type Command, Option } from 'commander';
import { ServiceError, WakegateClient, type WebSocketConstructor } from '../client/index.js';
import { loadConfig, URL_VARIABLE } from '../config/index.js';
import { tokenFileOf } from '../daemon/token-file.js';
import { type ErrorCode, isErrorCode, WakegateError } from '../errors.js';
import { readText } from '../read-text.js';
import { givenFlags } from './config-flags.js';

const KEYS = ['host', 'port', 'tokenFile'] as const;

export interface DaemonOptions {
  readonly url?: string;
  readonly config?: string;
  readonly host?: string;
  readonly port?: string;
  readonly tokenFile?: string;
  /** For streams that are sent: Node before 22 has none. */
  readonly WebSocket?: WebSocketConstructor;
}

/** The flags that say where the daemon is. Without any, it is where the settings say that it serves. */
export function addDaemonFlags(command: Command): Command {
  return (
    command
      .option(
        '--url <url>',
        `Where the daemon serves, such as http://kitchen.local:8765 (or ${URL_VARIABLE}; default: the host and ` +
          'port of the settings, http://127.0.0.1:8765)',
      )
      .option('--token-file <file>', 'File with the token that the daemon asks for')
      .option('--config <file>', 'JSON or YAML file with the settings of the daemon (or WAKEGATE_CONFIG)')
      // From before --url.
      .addOption(new Option('--host <address>').hideHelp())
      .addOption(new Option('--port <number>').hideHelp())
  );
}

/**
 * Does something with a running daemon.
 *
 * @throws WakegateError WG_USAGE for an address that cannot be one, WG_SERVICE_UNREACHABLE, or what the daemon answers
 */
export async function withDaemon<Result>(
  { WebSocket, ...options }: DaemonOptions,
  work: (daemon: WakegateClient) => Promise<Result>,
): Promise<Result> {
  const named = namedUrl(options);
  const config = await loadConfig({ file: options.config, flags: givenFlags({ ...options }, KEYS) });
  const url = named ?? `http://${addressOf(config.host)}:${config.port}`;
  // A daemon that makes its token keeps it on its own machine.
  const tokenFile = named === null ? tokenFileOf(config) : config.tokenFile;
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  try {
    return await work(new WakegateClient({ url, ...(token && { token }), ...(WebSocket && { WebSocket }) }));
  } catch (error) {
    throw error instanceof ServiceError ? asOurs(error) : error;
  }
}

/** The address that a flag or the environment names, checked; flags win. Null where none does. */
function namedUrl({ url, host, port }: DaemonOptions): string | null {
  const isPlaceGiven = host !== undefined || port !== undefined;
  if (url !== undefined && isPlaceGiven) {
    throw new WakegateError('WG_USAGE', 'give --url or --host and --port, not both');
  }
  if (url !== undefined) return checkedUrl(url, '--url');
  const variable = process.env[URL_VARIABLE];
  return variable && !isPlaceGiven ? checkedUrl(variable, URL_VARIABLE) : null;
}

function checkedUrl(text: string, name: string): string {
  const refuse = (problem: string) =>
    new WakegateError('WG_USAGE', `${name} ${JSON.stringify(text)} ${problem}`);
  if (!/^https?:\/\//i.test(text)) {
    throw refuse('must start with http:// or https://, as in http://127.0.0.1:8765');
  }
  if (!URL.canParse(text)) throw refuse('is not a valid URL: give one like http://127.0.0.1:8765');
  const { username, password, search, hash } = new URL(text);
  if (username || password) throw refuse('must not hold a user name or password: use --token-file');
  if (search || hash) throw refuse('must not hold "?" or "#": give only the address and, if any, a path');
  return text;
}

/** A daemon that serves on all addresses is reached on this machine's own. */
function addressOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readText(path)).trim();
  } catch (error) {
    const sentence = `the token file ${path} cannot be read: ${(error as Error).message}`;
    throw new WakegateError('WG_TOKEN_UNUSABLE', sentence, { cause: error });
  }
}

function asOurs(error: ServiceError): WakegateError {
  const code: ErrorCode = isErrorCode(error.code) ? error.code : 'WG_SERVICE_UNREACHABLE';
  const remedy =
    error.status === null
      ? ' (start it with "wakegate run", or say where it is with --url)'
      : code === 'WG_UNAUTHORIZED'
        ? ' (name the file of the token with --token-file)'
        : '';
  return new WakegateError(code, error.message + remedy, { cause: error });
}
