import type { Config } from '../config/index.js';

/** Whether this machine does not classify at all. */
export function isRemote({ classifier }: Pick<Config, 'classifier'>): boolean {
  // Else it is the address of a broker.
  return classifier !== 'own' && classifier !== 'auto';
}

/** The broker of the fleet; undefined where the settings name none. */
export function brokerUrlOf({
  classifier,
  fleetUrl,
  mqttUrl,
}: Pick<Config, 'classifier' | 'fleetUrl' | 'mqttUrl'>): string | undefined {
  return isRemote({ classifier }) ? classifier : (fleetUrl ?? mqttUrl);
}
