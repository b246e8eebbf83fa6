import type { Logger } from 'pino';
import type { Config } from '../config/index.js';
import type { Daemon } from '../daemon/index.js';
import { asWakegateError } from '../errors.js';

/**
 * Reads the settings again and hands them to the daemon, which keeps listening. Invalid settings are logged, and the old ones
 * stay. Never throws.
 *
 * @param load reads the same sources as at the start
 */
export async function reload(daemon: Daemon, load: () => Promise<Config>, logger: Logger): Promise<void> {
  try {
    const { live, atRestart } = daemon.reconfigure(await load());
    if (atRestart.length > 0) {
      logger.warn(`Restart to change ${atRestart.join(', ')}: until then the old values stay`);
    }
    logger.info(live.length === 0 ? 'Reloaded: nothing has changed' : `Reloaded: ${live.join(', ')} changed`);
  } catch (error) {
    const { code, message } = asWakegateError(error, 'WG_CONFIG_INVALID', 'the settings cannot be read');
    logger.error({ code }, `The new settings are invalid, so the old ones stay: ${message}`);
  }
}
