import { type Config, type ConfigKey, loadConfig } from '../config/index.js';
import { WakegateError } from '../errors.js';
import { givenFlags } from './config-flags.js';

/** Settings of the connection to a fleet's broker, for commands that are no daemon. */
export const FLEET_BROKER_KEYS = [
  'mqttUser',
  'mqttPasswordFile',
  'mqttCa',
  'mqttCertificate',
  'mqttKey',
  'fleetPrefix',
] as const satisfies readonly ConfigKey[];

export interface FleetBrokerOptions extends Partial<Record<ConfigKey, string>> {
  readonly config?: string;
  readonly broker?: string;
}

/**
 * The settings, with the broker that `--broker` names.
 *
 * @throws WakegateError WG_USAGE where there is none; as `loadConfig` does
 */
export async function configWithBroker(
  { broker: mqttUrl, ...options }: FleetBrokerOptions,
  keys: readonly ConfigKey[],
): Promise<Config> {
  const given = givenFlags({ ...options }, keys);
  // Of the settings, mqttUrl is the broker of Home Assistant too, which cannot be NATS.
  const { isNats } = await import('../fleet/connector.js');
  if (mqttUrl && isNats(mqttUrl))
    return { ...(await loadConfig({ file: options.config, flags: given })), mqttUrl };
  const config = await loadConfig({
    file: options.config,
    flags: { ...given, ...(mqttUrl && { mqttUrl }) },
  });
  if (!mqttUrl && config.fleetUrl !== undefined) return { ...config, mqttUrl: config.fleetUrl };
  if (config.mqttUrl !== undefined) return config;
  throw new WakegateError(
    'WG_USAGE',
    'there is no broker: give one, as in --broker mqtt://homeassistant.local',
  );
}
