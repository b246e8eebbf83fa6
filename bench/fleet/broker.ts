import { type BrokerSettings, readBrokerSettings } from '../../src/broker/index.js';
import { Mosquitto } from '../../test/support/mosquitto.js';

/** A real mosquitto, as the guide of the fleet sets it up, that may be killed and started again. */
export class FleetBroker {
  readonly #mosquitto: Mosquitto;
  readonly #end: () => Promise<void>;

  private constructor(mosquitto: Mosquitto, end: () => Promise<void>) {
    this.#mosquitto = mosquitto;
    this.#end = end;
  }

  static async start(): Promise<FleetBroker> {
    let end: () => unknown = () => {};
    const mosquitto = await Mosquitto.start({
      after: (ending) => {
        end = ending as () => unknown;
      },
    });
    return new FleetBroker(mosquitto, async () => {
      await end();
    });
  }

  get port(): number {
    return this.#mosquitto.port;
  }

  get url(): string {
    return this.#mosquitto.url;
  }

  get pid(): number {
    return this.#mosquitto.pid;
  }

  settings(): Promise<BrokerSettings> {
    return readBrokerSettings({ mqttUrl: this.url }, {});
  }

  /** Resolves when it answers. */
  start(): Promise<void> {
    return this.#mosquitto.start();
  }

  /** As a power cut would end it. */
  kill(): Promise<void> {
    return this.#mosquitto.kill();
  }

  async stop(): Promise<void> {
    await this.#end();
  }
}
