import type { EventEmitter } from 'node:events';
import type { BrokerConnectionOptions, ConnectionEvents, Outgoing, Subscription } from '../broker/index.js';

/**
 * What a fleet needs of a broker: messages to topics, the newest message of a topic for those who come later, shared subscriptions, and
 * that a client's last message is published where it is lost. MQTT 5 has all of it; another broker is one more implementation.
 */
export interface FleetConnection extends EventEmitter<ConnectionEvents> {
  readonly isUp: boolean;
  /** Returns at once. */
  start(): void;
  publish(message: Outgoing): void;
  subscribe(subscription: string | Subscription): void;
  /** Resolves when nothing more comes of it. */
  unsubscribe(filter: string): Promise<void>;
  /** Publishes a last message, and closes the connection. */
  stop(last: Outgoing): Promise<void>;
}

export type Connect = (options: BrokerConnectionOptions) => FleetConnection;
