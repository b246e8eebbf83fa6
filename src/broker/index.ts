/** A connection to an MQTT broker, which costs nothing while there is nothing to say, and blocks nobody. */
export { Complaints } from './complaints.js';
export {
  BrokerConnection,
  type BrokerConnectionOptions,
  type ConnectionEvents,
  type Incoming,
} from './connection.js';
export { refusalOf, socketSentence } from './faults.js';
export type { Subscription } from './link.js';
export { Outbox, type Outgoing, type Waiting } from './outbox.js';
export { type BrokerConfig, type BrokerSettings, readBrokerSettings } from './settings.js';
