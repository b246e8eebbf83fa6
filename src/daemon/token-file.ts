import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/index.js';
import { asWakegateError } from '../errors.js';
import { isLoopback } from '../network/index.js';
import { putAside } from '../replace-file.js';
import { stateDirectoryOf } from './state-directory.js';

type TokenConfig = Pick<Config, 'tokenFile' | 'makeToken' | 'host' | 'stateDirectory'>;

const BYTES = 32;

/** Where the token of a daemon with these settings is; undefined where it has none. */
export function tokenFileOf(config: TokenConfig): string | undefined {
  return config.tokenFile ?? (makesToken(config) ? join(stateDirectoryOf(config), 'token') : undefined);
}

/** Whether the daemon makes its token itself. */
export function makesToken({ tokenFile, makeToken, host }: TokenConfig): boolean {
  return tokenFile === undefined && makeToken === 'on' && !isLoopback(host);
}

/**
 * Makes the token, where the daemon does that itself and has not done so before. Says in the log where it is.
 *
 * @throws WakegateError WG_TOKEN_UNUSABLE where it cannot be written, WG_STATE_UNUSABLE for a user without a home directory
 */
export async function makeToken(config: TokenConfig, logger: Logger): Promise<void> {
  if (!makesToken(config)) return;
  const path = tokenFileOf(config)!;
  try {
    await mkdir(dirname(path), { recursive: true });
    await clearPlace(path, logger);
    await writeToken(path);
    logger.warn(
      `A token was made, since others can reach ${config.host}: each request must carry what is in ${path}`,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      const remedy =
        'give its folder to the user that wakegate runs as, or name a file that holds a token with --token-file';
      throw asWakegateError(error, 'WG_TOKEN_UNUSABLE', `the token file ${path} cannot be made; ${remedy}`);
    }
    logger.info(`Each request must carry the token in ${path}`);
  }
}

/** Puts aside what holds no token: an empty file, as a power cut leaves, a folder or a pipe. */
async function clearPlace(path: string, logger: Logger): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (stat === null || stat.isSymbolicLink() || (stat.isFile() && stat.size > 0)) return;
  logger.warn(`There was no token in ${path}: what was there is ${await putAside(path)} now`);
}

async function writeToken(path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(BYTES).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
