import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PartialConfig } from './check.js';

/** Of the token, as the unit's LoadCredential= calls it. */
export const TOKEN_CREDENTIAL = 'wakegate.token';

/** Of the password for the MQTT broker. */
const MQTT_PASSWORD_CREDENTIAL = 'wakegate.mqtt-password';

/**
 * Settings from what systemd hands over to the service, in a folder that only the service can read: the token and the password for the
 * MQTT broker, whose own files belong to root.
 */
export function readCredentials({ CREDENTIALS_DIRECTORY }: NodeJS.ProcessEnv): PartialConfig {
  if (!CREDENTIALS_DIRECTORY) return {};
  const tokenFile = join(CREDENTIALS_DIRECTORY, TOKEN_CREDENTIAL);
  const mqttPasswordFile = join(CREDENTIALS_DIRECTORY, MQTT_PASSWORD_CREDENTIAL);
  return {
    ...(existsSync(tokenFile) && { tokenFile }),
    ...(existsSync(mqttPasswordFile) && { mqttPasswordFile }),
  };
}
