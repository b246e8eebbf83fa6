import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ServiceError, WakegateClient, type WebSocketConstructor } from '../client/index.js';
import { loadConfig } from '../config/index.js';
import { type ErrorCode, isErrorCode, WakegateError } from '../errors.js';
import { addConfigFlags, givenFlags } from './config-flags.js';

const KEYS = ['host', 'port', 'tokenFile'] as const;

export interface DaemonOptions {
  readonly config?: string;
  readonly host?: string;
  readonly port?: string;
  readonly tokenFile?: string;
  /** For streams that are sent: Node before 22 has none. */
  readonly WebSocket?: WebSocketConstructor;
}

/** The flags that say where the daemon is, by the same settings that say where it serves. */
export function addDaemonFlags(command: Command): Command {
  return addConfigFlags(command, KEYS);
}

/**
 * Does something with a running daemon.
 *
 * @throws WakegateError WG_SERVICE_UNREACHABLE, or what the daemon says
 */
export async function withDaemon<Result>(
  { WebSocket, ...options }: DaemonOptions,
  work: (daemon: WakegateClient) => Promise<Result>,
): Promise<Result> {
  const flags = givenFlags({ ...options }, KEYS);
  const { host, port, tokenFile } = await loadConfig({ file: options.config, flags });
  const url = `http://${addressOf(host)}:${port}`;
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  try {
    return await work(new WakegateClient({ url, ...(token && { token }), ...(WebSocket && { WebSocket }) }));
  } catch (error) {
    throw error instanceof ServiceError ? asOurs(error) : error;
  }
}

/** Who serves on all addresses is reached on this machine's own. */
function addressOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const sentence = `the token file ${path} cannot be read: ${(error as Error).message}`;
    throw new WakegateError('WG_TOKEN_UNUSABLE', sentence, { cause: error });
  }
}

function asOurs(error: ServiceError): WakegateError {
  const code: ErrorCode = isErrorCode(error.code) ? error.code : 'WG_SERVICE_UNREACHABLE';
  const remedy =
    error.status === null
      ? ' (start it with "wakegate run", or name another --port)'
      : code === 'WG_UNAUTHORIZED'
        ? ' (name its file with --token-file)'
        : '';
  return new WakegateError(code, error.message + remedy, { cause: error });
}
