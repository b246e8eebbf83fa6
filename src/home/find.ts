import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from 'bonjour-service';

/** Something that announces itself on the network, or answers there. */
export interface Found {
  /** What it calls itself. */
  readonly name: string;
  /** An address of it, IPv4 where it has one. */
  readonly address: string;
  readonly port: number;
}

export interface FoundHomeAssistant extends Found {
  /** Such as 2026.10.1; null where it does not say. */
  readonly version: string | null;
  /** Where its pages are. */
  readonly url: string;
}

export interface FoundBroker extends Found {
  /** `answers`: a program does at the port of MQTT on the machine of Home Assistant, which announces nothing. */
  readonly how: 'announced' | 'answers';
}

export interface Home {
  readonly homeAssistants: readonly FoundHomeAssistant[];
  readonly brokers: readonly FoundBroker[];
  /** Why the network could not be asked; null where it could. */
  readonly fault: string | null;
}

const MQTT_PORT = 1883;
const ANSWER_MS = 1500;

/** Of each kind: anything may announce itself. */
const MOST_FOUND = 32;

/**
 * Asks the network for MQTT brokers and Home Assistants (zeroconf), and the machines of these for a broker: Home Assistant's own
 * Mosquitto does not announce itself.
 *
 * @param seconds how long answers are waited for
 */
export async function findHome(seconds: number): Promise<Home> {
  const { Bonjour } = await import('bonjour-service');
  let fault: string | null = null;
  // Takes what goes wrong with the socket too, such as no network.
  const zeroconf = new Bonjour({}, (error: Error) => {
    fault = error.message;
  });
  const asked = ['home-assistant', 'mqtt'].map((type) => zeroconf.find({ type }));
  await pause(1000 * seconds);
  const [homes, brokers] = asked.map(({ services }) => [...services].slice(0, MOST_FOUND));
  zeroconf.destroy();
  const homeAssistants = homes.map(homeAssistantOf);
  const announced = brokers.map((service) => ({ ...foundOf(service), how: 'announced' as const }));
  const others = homeAssistants.filter(
    ({ address }) => !announced.some((broker) => broker.address === address),
  );
  const answering = await Promise.all(
    others.map(async ({ address }) => {
      const found = { name: 'MQTT', address, port: MQTT_PORT, how: 'answers' as const };
      return (await answers(address, MQTT_PORT)) ? [found] : [];
    }),
  );
  return { homeAssistants, brokers: [...announced, ...answering.flat()], fault };
}

function foundOf({ name, host, port, addresses = [], referer }: Service): Found {
  const address = addresses.find((one) => /^\d+(\.\d+){3}$/.test(one)) ?? referer?.address ?? addresses[0];
  return { name, port, address: address ?? host };
}

function homeAssistantOf(service: Service): FoundHomeAssistant {
  const found = foundOf(service);
  const { version, internal_url: internal, base_url: base } = (service.txt ?? {}) as Record<string, unknown>;
  const url = [internal, base].find(
    (given): given is string => typeof given === 'string' && URL.canParse(given),
  );
  return {
    ...found,
    version: typeof version === 'string' ? version : null,
    url: (url ?? `http://${found.address}:${found.port}`).replace(/\/$/, ''),
  };
}

async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  return new Promise((resolve) => {
    const done = (does: boolean) => {
      socket.destroy();
      resolve(does);
    };
    socket.setTimeout(ANSWER_MS, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
