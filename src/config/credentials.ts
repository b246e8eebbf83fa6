import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PartialConfig } from './check.js';

/** Of the token, as the unit's LoadCredential= calls it. */
export const TOKEN_CREDENTIAL = 'wakegate.token';

/**
 * Settings from what systemd hands over to the service, in a folder that only the service can read: the token, whose own file belongs to
 * root.
 */
export function readCredentials({ CREDENTIALS_DIRECTORY }: NodeJS.ProcessEnv): PartialConfig {
  if (!CREDENTIALS_DIRECTORY) return {};
  const tokenFile = join(CREDENTIALS_DIRECTORY, TOKEN_CREDENTIAL);
  return existsSync(tokenFile) ? { tokenFile } : {};
}
