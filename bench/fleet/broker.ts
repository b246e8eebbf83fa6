import { type BrokerSettings, readBrokerSettings } from '../../src/broker/index.js';
import { Mosquitto } from '../../test/support/mosquitto.js';
import { NatsServer } from '../../test/support/nats-server.js';

/** A real mosquitto, as the guide of the fleet sets it up, that may be killed and started again; a NATS server where FLEET_BROKER is nats. */
export class FleetBroker {
  readonly #server: Mosquitto | NatsServer;
  readonly #end: () => Promise<void>;

  private constructor(server: Mosquitto | NatsServer, end: () => Promise<void>) {
    this.#server = server;
    this.#end = end;
  }

  static async start(): Promise<FleetBroker> {
    let end: () => unknown = () => {};
    const kind = process.env.FLEET_BROKER === 'nats' ? NatsServer : Mosquitto;
    const server = await kind.start({
      after: (ending) => {
        end = ending as () => unknown;
      },
    });
    return new FleetBroker(server, async () => {
      await end();
    });
  }

  get port(): number {
    return this.#server.port;
  }

  get url(): string {
    return this.#server.url;
  }

  get pid(): number {
    return this.#server.pid;
  }

  settings(): Promise<BrokerSettings> {
    return readBrokerSettings({ mqttUrl: this.url }, {});
  }

  /** Resolves when it answers. */
  start(): Promise<void> {
    return this.#server.start();
  }

  /** As a power cut would end it. */
  kill(): Promise<void> {
    return this.#server.kill();
  }

  async stop(): Promise<void> {
    await this.#end();
  }
}
