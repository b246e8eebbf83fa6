import type { Logger } from 'pino';
import { mqttNameOf } from '../bridges/mqtt/settings.js';
import { type BrokerSettings, Complaints, readBrokerSettings } from '../broker/index.js';
import type { HandoffClassifier } from '../classifier/index.js';
import type { Config } from '../config/index.js';
import { WakegateError } from '../errors.js';
import { brokerUrlOf, isRemote } from '../fleet/broker-url.js';
import {
  Arbiter,
  type Connect,
  connectorOf,
  FallbackClassifier,
  fingerprintText,
  fleetTopicsOf,
  type Judgement,
  noRemoteCounts,
  RemoteClassifier,
  Satellite,
  SecondLookClassifier,
  SignalLevel,
  WindowTraces,
} from '../fleet/index.js';
import type { ModelPack } from '../model/index.js';
import type { Detection } from '../pipeline.js';
import type { FleetStatus, FleetTrace } from '../protocol/index.js';
import { groupOf } from './fleet-settings.js';
import type { Problems } from './problems.js';

interface Traced {
  readonly keyword: string;
  readonly sample: number;
  readonly detectedMs: number;
  readonly snrDb: number;
  readonly judgement: Judgement;
}

/** A word's handoffs end within this many samples before it. */
const TRACED_SAMPLES = 12_800;

/** This daemon as a satellite of a fleet: its connection, and the classifiers that go over it. */
export class DaemonFleet {
  readonly satellite: Satellite;
  readonly counts = { ...noRemoteCounts(), own: 0, detections: 0, outvoted: 0 };
  readonly traces = new WindowTraces();
  readonly #config: Config;
  readonly #broker: BrokerSettings;
  readonly #arbiter: Arbiter | null;
  readonly #level = new SignalLevel();
  #fingerprint = '';
  #trace: FleetTrace | null = null;
  #problems: Pick<Problems, 'set'> | null = null;
  #wrong: { connection: string | null; workers: string | null } = { connection: null, workers: null };

  private constructor(config: Config, broker: BrokerSettings, connect: Connect, complaints: Complaints) {
    this.#config = config;
    this.#broker = broker;
    const name = mqttNameOf(config);
    const room = config.mqttRoom ?? name;
    const group = groupOf(config);
    const satellite = new Satellite({
      broker,
      connect,
      topics: fleetTopicsOf(config),
      name,
      room,
      group,
      complaints,
      counts: () => this.#publicCounts,
    });
    this.satellite = satellite;
    this.#arbiter =
      group === null
        ? null
        : new Arbiter({
            satellite: name,
            room,
            windowMs: config.fleetWindowMs,
            send: (payload) => satellite.claim(payload),
            isUp: () => satellite.isUp,
            isAlone: () => satellite.rooms.size <= 1,
            complaints,
          });
    satellite.on('claim', (payload) => this.#arbiter?.take(payload));
    this.satellite.on('up', () => this.#tell({ connection: null }));
    this.satellite.on('down', (problem) => this.#tell({ connection: problem }));
  }

  /** @throws WakegateError WG_CONFIG_INVALID; WG_PROGRAM_MISSING for NATS where its client is not installed */
  static async open(config: Config, logger: Logger): Promise<DaemonFleet> {
    const broker = await checkFleet(config);
    const connect = await connectorOf(broker, fleetTopicsOf(config));
    return new DaemonFleet(config, broker, connect, new Complaints(logger));
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
    this.#fingerprint = fingerprintText(fingerprint);
    this.satellite.usePack(name, this.#fingerprint);
  }

  /** Takes the sound of the microphone, where its level may be wanted. */
  hear(samples: Int16Array, startSample: number): void {
    if (this.#arbiter) this.#level.hear(samples, startSample);
  }

  /**
   * Resolves when it is known whether this room answers a word.
   *
   * @param gate P(signal of interest), the highest of the opening
   */
  async decide(
    { keyword, score, sample }: Detection,
    gate: number,
  ): Promise<Judgement & { readonly snrDb: number }> {
    const detectedMs = performance.now();
    const snrDb = Math.round(10 * this.#level.overNoiseDb(sample)) / 10;
    const { name, room } = this.satellite;
    const judgement = this.#arbiter
      ? await this.#arbiter.decide({ keyword, snrDb, score: round(score), gate: round(gate) })
      : { answers: true, satellite: name, room, rooms: 1 };
    if (judgement.answers) this.counts.detections++;
    else this.counts.outvoted++;
    this.#trace = this.#traced({ keyword, sample, detectedMs, snrDb, judgement });
    return { ...judgement, snrDb };
  }

  status(): FleetStatus {
    const { name, room, group, isUp, workers, rooms } = this.satellite;
    const holding = [...workers.values()].filter(({ packs }) =>
      packs.some(({ fingerprint }) => fingerprint === this.#fingerprint),
    );
    return {
      satellite: name,
      room,
      group,
      broker: this.#broker.url,
      connected: isUp,
      classifiedBy: isRemote(this.#config) ? 'workers' : this.#config.classifier === 'own' ? 'own' : 'auto',
      workers: holding.map(({ worker }) => worker),
      rooms: [...rooms.values()],
      ...this.#publicCounts,
      trace: this.#trace,
    };
  }

  #traced({ keyword, sample, detectedMs, snrDb, judgement }: Traced): FleetTrace {
    const traces = this.traces.before(sample, TRACED_SAMPLES);
    const from = traces[0]?.sentMs ?? detectedMs;
    const since = (ms: number | null) => (ms === null ? null : Math.round(10 * (ms - from)) / 10);
    return {
      keyword,
      sample,
      handoffs: traces.map((trace) => ({
        ...trace,
        sentMs: since(trace.sentMs)!,
        takenMs: since(trace.takenMs),
        answeredMs: since(trace.answeredMs),
      })),
      detectedMs: since(detectedMs)!,
      decidedMs: since(performance.now())!,
      rooms: judgement.rooms,
      answeredBy: judgement.room,
      snrDb,
    };
  }

  get #publicCounts() {
    const { duplicates } = this.satellite;
    return { ...this.counts, duplicates, lagMs: Math.round(10 * this.counts.lagMs) / 10 };
  }

  /** The classifier that the settings ask for. @param makeOwn makes one of this machine */
  classifierOf(pack: ModelPack, capacity: number, makeOwn: () => HandoffClassifier): HandoffClassifier {
    const { classifier } = this.#config;
    if (classifier === 'own') return makeOwn();
    const isHasty = classifier === 'auto';
    const { counts, traces, satellite } = this;
    const remote = new RemoteClassifier({ pack, carrier: satellite, counts, traces, capacity, isHasty });
    if (!isHasty) {
      // Where there is one, the settings ask for it.
      const hasSecondLook = this.#config.secondLook === 'on' && pack.secondLook !== undefined;
      return hasSecondLook ? new SecondLookClassifier({ remote, own: makeOwn() }) : remote;
    }
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
  const url = brokerUrlOf(config);
  if (url !== undefined) return readBrokerSettings({ ...config, mqttUrl: url });
  const setting = config.classifier === 'auto' ? 'classifier auto' : 'fleetGroup';
  const remedy = 'give mqttUrl, such as mqtt://homeassistant.local, or fleetUrl';
  throw new WakegateError('WG_CONFIG_INVALID', `${setting} needs a broker: ${remedy}`);
}

function round(number: number): number {
  return Math.round(number * 1e4) / 1e4;
}
