import { createHash, timingSafeEqual } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Config } from '../config/index.js';
import { WakegateError } from '../errors.js';
import { isLoopback } from '../network/index.js';
import { decodeText } from '../read-text.js';

/** Shorter ones can be guessed; longer ones, or a file that was meant for something else, are a mistake. */
const TOKEN = /^[A-Za-z0-9._~+/-]{16,512}=*$/; // what RFC 6750 lets stand in the header
const MAX_FILE_BYTES = 4096;

const OTHERS_READ = 0o004;
const OTHERS_WRITE = 0o022;

/** The secret that requests must carry. It cannot be read from here, and so gets into no log. */
export class Token {
  readonly #digest: Buffer;

  constructor(text: string) {
    this.#digest = digestOf(text);
  }

  /** Takes as long for a token that is almost right as for any other. */
  matches(given: string): boolean {
    return timingSafeEqual(digestOf(given), this.#digest);
  }
}

/**
 * The token by which the service is to be protected; null where none is configured, which is for addresses of this
 * machine alone.
 *
 * @throws WakegateError WG_TOKEN_UNUSABLE for a file that holds none, or where there must be one
 */
export async function configuredToken(
  { tokenFile, host }: Pick<Config, 'tokenFile' | 'host'>,
  logger?: Logger,
): Promise<Token | null> {
  if (tokenFile !== undefined) return readToken(tokenFile, logger);
  if (isLoopback(host)) return null;
  const problem = `whoever can reach ${host} could listen in, as there is no token`;
  const remedy = `${howToMake('wakegate.token')} and give --token-file wakegate.token, or serve on 127.0.0.1`;
  throw new WakegateError('WG_TOKEN_UNUSABLE', `${problem}: ${remedy}`);
}

async function readToken(path: string, logger: Logger | undefined): Promise<Token> {
  const fail = (problem: string, cause?: unknown) =>
    new WakegateError('WG_TOKEN_UNUSABLE', `the token file ${path} ${problem}`, { cause });
  let file: FileHandle;
  try {
    // Opening a pipe waits for who writes into it, by default.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw fail(code === 'ENOENT' ? `is not there: ${howToMake(path)}` : `cannot be read: ${message}`, error);
  }
  try {
    // Of what was opened, which the name may no longer be.
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > MAX_FILE_BYTES) throw fail(`holds no token: ${howToMake(path)}`);
    if (stat.mode & OTHERS_WRITE) {
      throw fail(`can be written by others, who could choose the token: run chmod 600 ${path}`);
    }
    // As secrets of containers are, so that it is no reason to refuse.
    if (stat.mode & OTHERS_READ) {
      logger?.warn(`The token file ${path} can be read by everyone on this machine: run chmod 600 ${path}`);
    }
    const text = decodeText(await file.readFile()).trim();
    if (TOKEN.test(text)) return new Token(text);
    throw fail(`must hold 16 to 512 letters, digits or ._~+/=- and nothing else: ${howToMake(path)}`);
  } finally {
    await file.close();
  }
}

function howToMake(path: string): string {
  return `make one with (umask 077; head -c 32 /dev/urandom | base64 > ${path})`;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
