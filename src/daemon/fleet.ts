import type { Logger } from 'pino';
import { mqttNameOf } from '../bridges/mqtt/settings.js';
import { type BrokerSettings, Complaints, readBrokerSettings } from '../broker/index.js';
import type { HandoffClassifier } from '../classifier/index.js';
import type { Config } from '../config/index.js';
import { WakegateError } from '../errors.js';
import {
  FallbackClassifier,
  fingerprintText,
  fleetTopicsOf,
  noRemoteCounts,
  RemoteClassifier,
  Satellite,
  WindowTraces,
} from '../fleet/index.js';
import type { ModelPack } from '../model/index.js';
import { groupOf, isRemote } from './fleet-settings.js';
import type { Problems } from './problems.js';

/** This daemon as a satellite of a fleet: its connection, and the classifiers that go over it. */
export class DaemonFleet {
  readonly satellite: Satellite;
  readonly counts = { ...noRemoteCounts(), own: 0, detections: 0, outvoted: 0 };
  readonly traces = new WindowTraces();
  readonly #config: Config;
  #problems: Pick<Problems, 'set'> | null = null;
  #wrong: { connection: string | null; workers: string | null } = { connection: null, workers: null };

  private constructor(config: Config, satellite: (fleet: DaemonFleet) => Satellite) {
    this.#config = config;
    this.satellite = satellite(this);
    this.satellite.on('up', () => this.#tell({ connection: null }));
    this.satellite.on('down', (problem) => this.#tell({ connection: problem }));
  }

  /** @throws WakegateError WG_CONFIG_INVALID */
  static async open(config: Config, logger: Logger): Promise<DaemonFleet> {
    const broker = await checkFleet(config);
    const name = mqttNameOf(config);
    return new DaemonFleet(
      config,
      (fleet) =>
        new Satellite({
          broker,
          topics: fleetTopicsOf(config),
          name,
          room: config.mqttRoom ?? name,
          group: groupOf(config),
          complaints: new Complaints(logger),
          counts: () => ({
            ...fleet.counts,
            duplicates: fleet.satellite.duplicates,
            lagMs: Math.round(fleet.counts.lagMs),
          }),
        }),
    );
  }

  /** Connects; what is wrong goes to the problems. Returns at once. */
  start(problems: Pick<Problems, 'set'>): void {
    this.#problems = problems;
    this.satellite.start();
  }

  stop(): Promise<void> {
    this.#problems = null;
    return this.satellite.stop();
  }

  usePack({ name, fingerprint }: Pick<ModelPack, 'name' | 'fingerprint'>): void {
    this.satellite.usePack(name, fingerprintText(fingerprint));
  }

  /** The classifier that the settings ask for. @param makeOwn makes one of this machine */
  classifierOf(pack: ModelPack, capacity: number, makeOwn: () => HandoffClassifier): HandoffClassifier {
    const { classifier } = this.#config;
    if (classifier === 'own') return makeOwn();
    const isHasty = classifier === 'auto';
    const { counts, traces, satellite } = this;
    const remote = new RemoteClassifier({ pack, carrier: satellite, counts, traces, capacity, isHasty });
    if (!isHasty) return remote;
    return new FallbackClassifier({
      remote,
      own: makeOwn(),
      onOwn: () => {
        this.counts.own++;
      },
      onProblem: (workers) => this.#tell({ workers }),
    });
  }

  #tell(wrong: Partial<{ connection: string | null; workers: string | null }>): void {
    this.#wrong = { ...this.#wrong, ...wrong };
    const { connection, workers } = this.#wrong;
    this.#problems?.set('fleet', connection ?? workers);
  }
}

/**
 * The broker of the settings.
 *
 * @throws WakegateError WG_CONFIG_INVALID
 */
export async function checkFleet(config: Config): Promise<BrokerSettings> {
  const { classifier, mqttUrl } = config;
  const url = isRemote(config) ? classifier : mqttUrl;
  if (url !== undefined) return readBrokerSettings({ ...config, mqttUrl: url });
  const setting = classifier === 'auto' ? 'classifier auto' : 'fleetGroup';
  const remedy = 'give mqttUrl, such as mqtt://homeassistant.local';
  throw new WakegateError('WG_CONFIG_INVALID', `${setting} needs a broker: ${remedy}`);
}
