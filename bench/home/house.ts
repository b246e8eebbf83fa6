import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../test/support/free-port.js';
import { Broker, PASSWORD, USER } from './broker.js';
import { guideAutomations, writeGuideSettings } from './guide.js';
import { HomeAssistant } from './home-assistant.js';
import { HomeDaemon } from './home-daemon.js';
import { type TappedFrame, WyomingTap } from './wyoming-tap.js';

export interface BridgePorts {
  readonly wyoming: number;
  readonly mqtt: number;
}

/**
 * The flags of a daemon that serves Wyoming and reports to a broker, with the settings of the guide in its folder.
 *
 * @param assistant where Home Assistant takes webhooks; by default nowhere
 */
export function bridgeFlags(folder: string, ports: BridgePorts, assistant = 'http://127.0.0.1:9'): string[] {
  return [
    ...[
      '--config',
      writeGuideSettings(folder, PASSWORD, assistant),
      '--mqtt-url',
      `mqtt://127.0.0.1:${ports.mqtt}`,
    ],
    ...['--wyoming', 'on', '--wyoming-port', String(ports.wyoming)],
    // The Home Assistant that runs here is older than discovery by device.
    ...['--mqtt-discovery', 'entity', '--mqtt-stats-seconds', '5'],
  ];
}

/** A daemon, a broker and a Home Assistant that know each other, all real. */
export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'wakegate-home-'));
  readonly daemon: HomeDaemon;
  readonly broker: Broker;
  readonly assistant: HomeAssistant;
  readonly ports: BridgePorts;
  /** Where Home Assistant finds the daemon's Wyoming server. */
  readonly #wyomingPort: number;

  #tap: WyomingTap | null = null;

  private constructor(ports: readonly number[], tapPort: number | undefined) {
    const [http, mqtt, wyoming, api] = ports;
    const of = (name: string) => {
      const folder = join(this.folder, name);
      mkdirSync(folder);
      return folder;
    };
    this.ports = { wyoming, mqtt };
    this.broker = new Broker(of('broker'), mqtt);
    this.daemon = new HomeDaemon(of('daemon'), api);
    this.#wyomingPort = tapPort ?? wyoming;
    this.assistant = new HomeAssistant(of('assistant'), http, { automations: guideAutomations() });
  }

  /** @param tapPort of a tap between Home Assistant and the daemon's Wyoming server; by default there is none */
  static async open(tapPort?: number): Promise<House> {
    const house = new House(await freePorts(4), tapPort);
    await house.broker.start();
    await house.daemon.start(house.daemonFlags);
    if (tapPort !== undefined) house.#tap = new WyomingTap(tapPort, house.ports.wyoming);
    const { assistant, ports } = house;
    await assistant.start();
    await assistant.addIntegration('wyoming', { host: '127.0.0.1', port: house.#wyomingPort });
    const account = { username: USER, password: PASSWORD };
    await assistant.addIntegration('mqtt', { broker: '127.0.0.1', port: ports.mqtt, ...account });
    return house;
  }

  get brokerUrl(): string {
    return `mqtt://127.0.0.1:${this.ports.mqtt}`;
  }

  /** The settings that the daemon runs with, but for its flags. */
  get settings(): string {
    return join(this.folder, 'wakegate.yaml');
  }

  get daemonFlags(): string[] {
    return bridgeFlags(this.folder, this.ports, this.assistant.url);
  }

  /** What went over Wyoming so far. */
  get tapped(): readonly TappedFrame[] {
    return this.#tap?.frames ?? [];
  }

  async close(): Promise<void> {
    this.#tap?.close();
    await this.assistant.stop();
    await this.daemon.stop();
    await this.broker.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
