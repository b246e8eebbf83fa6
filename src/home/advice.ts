import { isIPv6 } from 'node:net';
import type { FoundBroker, Home } from './find.js';

/** First version that takes the description of a whole device. */
const DEVICE_SINCE = [2024, 12];

/**
 * What there is, and what to click and to write so that wakegate is part of it, in lines for people.
 *
 * @param name what this wakegate is to be called
 */
export function adviceOf({ homeAssistants, brokers, fault }: Home, name: string): string[] {
  const lines = [
    ...homeAssistants.map((home) => `Home Assistant ${home.version ?? ''} "${home.name}" at ${home.url}`),
    ...brokers.map(
      ({ name: called, address, port, how }) =>
        `MQTT broker at ${address}:${port}${how === 'announced' ? `, announced as "${called}"` : ''}`,
    ),
  ];
  if (lines.length === 0) lines.push('Nothing was found: no Home Assistant, and no MQTT broker.');
  if (fault !== null) lines.push(`The network could not be asked: ${fault}`);
  const [home] = homeAssistants;
  const [broker] = brokers;
  const click = (path: string) =>
    home === undefined ? 'In Home Assistant, open' : `Open ${home.url}${path}:`;
  const steps = [
    broker === undefined
      ? 'Get a broker: in Home Assistant, Settings > Apps (before 2026: Add-ons) > Mosquitto broker > Install, then Start. Elsewhere: apt-get install mosquitto.'
      : null,
    `${click('/config/integrations/dashboard')} Settings > Devices & services. MQTT is there, or is found: add it. Otherwise: Add integration > MQTT.`,
    `${click('/config/users')} Settings > People > Users > Add user, such as "wakegate", with a password. Keep the password in a file of its own, readable by you alone.`,
    `Write into the settings of wakegate, and start it again:\n${settingsFor(broker, name, home?.version ?? null)}`,
    `Settings > Devices & services > MQTT has a device "wakegate ${name}" then. Run "wakegate home" again: it tries the whole way.`,
  ].filter((step) => step !== null);
  return [...lines, '', 'What to do:', ...steps.map((step, i) => `${i + 1}. ${step}`)];
}

function settingsFor(broker: FoundBroker | undefined, name: string, version: string | null): string {
  const host = broker === undefined ? 'homeassistant.local' : hostOf(broker.address);
  const port = broker === undefined || broker.port === 1883 ? '' : `:${broker.port}`;
  return [
    `mqttUrl: mqtt${broker?.port === 8883 ? 's' : ''}://${host}${port}`,
    'mqttUser: wakegate',
    'mqttPasswordFile: mqtt-password',
    `mqttName: ${name}`,
    ...(isOlder(version) ? ['mqttDiscovery: entity   # this Home Assistant is older than 2024.12'] : []),
  ]
    .map((line) => `     ${line}`)
    .join('\n');
}

function hostOf(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

function isOlder(version: string | null): boolean {
  const [year, month] = (version ?? '').split('.').map(Number);
  if (!(year > 0 && month > 0)) return false;
  return year < DEVICE_SINCE[0] || (year === DEVICE_SINCE[0] && month < DEVICE_SINCE[1]);
}
