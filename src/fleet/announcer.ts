import type { FleetConnection } from './fleet-connection.js';
import { type SensorSettings, STATUS_MS, sensorMessages, statusMessage } from './sensors.js';
import type { FleetTopics } from './topics.js';
import type { FleetView } from './view.js';

export interface FleetAnnouncerOptions {
  readonly connection: Pick<FleetConnection, 'subscribe' | 'unsubscribe' | 'publish'>;
  readonly topics: FleetTopics;
  /** Of this worker. */
  readonly name: string;
  readonly view: FleetView;
  readonly sensors: SensorSettings;
  readonly statusMs?: number;
}

/** Counts that are retained come before the first figures are published. */
const SETTLE_MS = 1000;

/** Publishes the fleet as a device of Home Assistant, where this worker is the first by name of those that are there. */
export class FleetAnnouncer {
  readonly #options: FleetAnnouncerOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FleetAnnouncerOptions) {
    this.#options = options;
  }

  /** Workers have come or gone. */
  look(): void {
    const { connection, topics, name, view, sensors } = this.#options;
    if (sensors.mqttDiscovery === 'off') return;
    const isFirst = view.firstWorker === name;
    if (isFirst === (this.#timer !== undefined)) return;
    if (!isFirst) {
      this.rest();
      return;
    }
    connection.subscribe(topics.counts);
    for (const message of sensorMessages(topics, sensors)) connection.publish(message);
    this.#publishIn(SETTLE_MS);
  }

  /** Another worker does it, or there is no connection. */
  rest(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#options.connection.unsubscribe(this.#options.topics.counts);
  }

  #publishIn(ms: number): void {
    const { connection, topics, view, statusMs = STATUS_MS } = this.#options;
    this.#timer = setTimeout(() => {
      connection.publish(statusMessage(topics, view.overview));
      this.#publishIn(statusMs);
    }, ms).unref();
  }
}
