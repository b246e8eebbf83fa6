import type { Config } from '../config/index.js';
import { isRemote } from '../fleet/broker-url.js';

/** Whether the settings make this daemon a satellite of a fleet. */
export function wantsFleet({ classifier, fleetGroup }: Pick<Config, 'classifier' | 'fleetGroup'>): boolean {
  return classifier !== 'own' || (fleetGroup ?? 'none') !== 'none';
}

/** Of the rooms that answer once; null for none. */
export function groupOf({
  classifier,
  fleetGroup,
}: Pick<Config, 'classifier' | 'fleetGroup'>): string | null {
  const group = fleetGroup ?? (classifier === 'own' ? 'none' : 'home');
  return group === 'none' ? null : group;
}

/** Without a second look where workers classify, and this machine is not asked to have one. */
export function settled(config: Config): Config {
  return isRemote(config) && config.fleetSecondLook === 'off' ? { ...config, secondLook: 'off' } : config;
}
