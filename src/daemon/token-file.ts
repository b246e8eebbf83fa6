import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/index.js';
import { asWakegateError } from '../errors.js';
import { isLoopback } from '../network/index.js';
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
    await writeFile(path, `${randomBytes(BYTES).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
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
