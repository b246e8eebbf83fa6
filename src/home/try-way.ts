import { once } from 'node:events';
import type { MqttSettings } from '../bridges/mqtt/index.js';
import type { BrokerConnection } from '../broker/index.js';
import { WakegateError } from '../errors.js';
import type { TestEvent } from '../protocol/index.js';
import { PATIENCE_MS, visitBroker } from './visit.js';

export interface WayOptions {
  readonly settings: MqttSettings;
  /** Asks the daemon for a test event. */
  readonly ask: () => Promise<TestEvent>;
  /** Whether it is to arrive as a detection too. */
  readonly fire: boolean;
  /** Called with each part of the way that works, in a sentence. */
  readonly onStep: (sentence: string) => void;
  /** How long each part may take. */
  readonly patienceMs?: number;
}

/**
 * Tries the whole way: to the broker as the settings have it, whether the daemon is there, and a test event from the daemon through
 * the broker.
 *
 * @throws WakegateError WG_BROKER_UNREACHABLE, WG_NOT_READY with where it ends and what to do; whatever `ask` throws
 */
export async function tryWay(options: WayOptions): Promise<void> {
  const { settings, ask, fire, onStep, patienceMs = PATIENCE_MS } = options;
  const { broker, topics, name } = settings;
  const who = broker.user ?? 'everyone';
  const arrival = fire ? topics.detection : topics.test;
  const arrived = new Map<unknown, number>();
  let availability: string | null = null;
  const prepare = (connection: BrokerConnection) =>
    connection.on('message', ({ topic, payload }) => {
      if (topic === topics.availability) availability = payload.toString();
      else arrived.set(sequenceOf(payload.toString()), performance.now());
    });
  const walk = async (connection: BrokerConnection) => {
    const until = async (is: () => boolean, otherwise: string) => {
      const signal = AbortSignal.timeout(patienceMs);
      try {
        while (!is()) await once(connection, 'message', { signal });
      } catch {
        throw new WakegateError('WG_NOT_READY', otherwise);
      }
    };
    onStep(`The MQTT broker at ${broker.url} lets ${who} in.`);
    await until(
      () => availability === 'online',
      `no daemon called ${name} is connected to this broker: give the daemon the same settings and start it again, or look into its log`,
    );
    onStep(`The daemon is connected to it, as ${name}.`);
    const askedMs = performance.now();
    const { sequence } = await ask();
    await until(
      () => arrived.has(sequence),
      `the test did not arrive on ${arrival}: look whether the broker lets ${who} publish and read there`,
    );
    const tookMs = Math.round(arrived.get(sequence)! - askedMs);
    onStep(`A test arrived on ${arrival}, ${tookMs} ms after it was asked for.`);
  };
  await visitBroker(settings, [topics.availability, arrival], prepare, walk, patienceMs);
}

function sequenceOf(text: string): unknown {
  try {
    return JSON.parse(text)?.sequence;
  } catch {
    return null;
  }
}
