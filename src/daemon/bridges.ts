import type { Logger } from 'pino';
import { Backoff, type Waits } from '../backoff.js';
import type { Bridge } from '../bridges/bridge.js';
import type { Config } from '../config/index.js';
import { asWakegateError, WakegateError } from '../errors.js';
import type { MqttStatus, Problem, Status, WyomingStatus } from '../protocol/index.js';
import { fileLimit } from '../server/index.js';
import type { HookService, Service } from '../service.js';
import type { Problems } from './problems.js';

export interface BridgesOptions {
  readonly config: Config;
  readonly service: Service;
  readonly problems: Pick<Problems, 'set'>;
  readonly logger: Logger;
  /** How long until a bridge that could not start is tried again. */
  readonly waits?: Waits;
}

type Part = Exclude<Problem['part'], 'fleet'>;

/** Makes a bridge, once it is known to be wanted; `problem` takes what is wrong with it while it runs. */
type Opening = (problem: (problem: string | null) => void) => Promise<Bridge>;

const WAITS = { firstMs: 2000, longestMs: 60_000 };

const NO_HOOKS: HookService = {
  list: () => [],
  test: async (name) => {
    throw new WakegateError(
      'WG_UNKNOWN_NAME',
      `there is no hook "${name}": the settings name none, or they cannot start`,
    );
  },
};

/** What is asked of the bridges that were made. */
interface Made {
  hooks: HookService;
  mqtt: { status(): MqttStatus } | null;
  wyoming: { status(): WyomingStatus } | null;
}

/**
 * The bridges that are on, each loaded only then. One that cannot start is a problem of its own, and is tried again
 * until it can; listening does not depend on it.
 */
export class Bridges {
  readonly #options: BridgesOptions;
  readonly #kept: KeptBridge[] = [];
  readonly #made: Made = { hooks: NO_HOOKS, mqtt: null, wyoming: null };

  constructor(options: BridgesOptions) {
    this.#options = options;
  }

  get hooks(): HookService {
    return this.#made.hooks;
  }

  status(): Pick<Status, 'mqtt' | 'wyoming'> {
    const { mqtt, wyoming } = this.#made;
    return { mqtt: mqtt?.status() ?? null, wyoming: wyoming?.status() ?? null };
  }

  /** Returns at once. */
  start(): void {
    const { problems, waits = WAITS } = this.#options;
    for (const [part, open] of Object.entries(wanted(this.#options, this.#made)) as [Part, Opening][]) {
      const bridge = new KeptBridge(part, open, new Backoff(waits), (problem) => problems.set(part, problem));
      this.#kept.push(bridge);
      bridge.start();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#kept.map((bridge) => bridge.stop()));
  }
}

/** One bridge, started until it runs. */
class KeptBridge {
  readonly #part: Part;
  readonly #open: Opening;
  readonly #onProblem: (problem: string | null) => void;
  readonly #backoff: Backoff;
  #bridge: Bridge | null = null;
  #starting: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** Why it has not started, and what is wrong with it while it runs. */
  #problems: { start: string | null; running: string | null } = { start: null, running: null };

  constructor(part: Part, open: Opening, backoff: Backoff, onProblem: (problem: string | null) => void) {
    this.#part = part;
    this.#open = open;
    this.#backoff = backoff;
    this.#onProblem = onProblem;
  }

  start(): void {
    this.#starting = this.#start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    await this.#starting;
    await this.#bridge?.stop();
  }

  async #start(): Promise<void> {
    try {
      this.#bridge ??= await this.#open((running) => this.#tell({ running }));
      if (this.#isStopped) return;
      await this.#bridge.start();
      this.#tell({ start: null });
    } catch (error) {
      this.#tell({ start: asWakegateError(error, 'WG_INTERNAL', `${this.#part} cannot start`).message });
      if (!this.#isStopped) this.#retry = setTimeout(() => this.start(), this.#backoff.next()).unref();
    }
  }

  #tell(problems: Partial<{ start: string | null; running: string | null }>): void {
    this.#problems = { ...this.#problems, ...problems };
    const sentences = Object.values(this.#problems).filter((sentence) => sentence !== null);
    if (!this.#isStopped) this.#onProblem(sentences.length === 0 ? null : sentences.join('; '));
  }
}

/** Those that the settings ask for. @param made is given each, once it can be used */
function wanted({ config, service, logger }: BridgesOptions, made: Made): Partial<Record<Part, Opening>> {
  const openings: Partial<Record<Part, Opening>> = {};
  if (config.wyoming === 'on' || config.wyomingPeers.length > 0) {
    openings.wyoming = async (onProblem) => {
      const { WyomingBridge } = await import('../bridges/wyoming/index.js');
      const { wyoming, wyomingHost: host, wyomingPort: port, wyomingZeroconf, wyomingPeers } = config;
      const mutes = config.wyomingMute === 'on';
      const bridge = new WyomingBridge({
        service,
        logger,
        onProblem,
        server: wyoming === 'off' ? null : { host, port, files: fileLimit(), mutes },
        zeroconf: wyomingZeroconf === 'on',
        peers: wyomingPeers,
      });
      made.wyoming = bridge;
      return bridge;
    };
  }
  if (Object.keys(config.hooks).length > 0) {
    openings.hooks = async (onProblem) => {
      const { Hooks } = await import('../bridges/hooks/index.js');
      const hooks = await Hooks.open(config.hooks, { service, logger, onProblem });
      made.hooks = hooks;
      return hooks;
    };
  }
  if (config.mqttUrl !== undefined) {
    openings.mqtt = async (onProblem) => {
      const { MqttBridge, readMqttSettings } = await import('../bridges/mqtt/index.js');
      const settings = await readMqttSettings(config);
      const bridge = new MqttBridge({ service, logger, onProblem, settings });
      made.mqtt = bridge;
      return bridge;
    };
  }
  return openings;
}
