/** Satellites, workers and who answers: wakegate over a broker. */
export { Arbiter, type Judgement } from './arbiter.js';
export { connectorOf } from './connector.js';
export { FallbackClassifier } from './fallback-classifier.js';
export type { Connect } from './fleet-connection.js';
export { RemoteClassifier } from './remote-classifier.js';
export { noRemoteCounts, type RemoteCounts } from './remote-counts.js';
export { Satellite } from './satellite.js';
export { SecondLookClassifier } from './second-look-classifier.js';
export { SignalLevel } from './signal-level.js';
export { type FleetTopics, fingerprintText, fleetTopicsOf } from './topics.js';
export { type WindowTrace, WindowTraces } from './traces.js';
