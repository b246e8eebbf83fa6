import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ConfigKey } from '../config/index.js';
import { WakegateError } from '../errors.js';
import { addConfigFlags } from './config-flags.js';
import { addExamples } from './examples.js';
import { configWithBroker, FLEET_BROKER_KEYS, type FleetBrokerOptions } from './fleet-broker.js';
import { parseNonNegative } from './option-values.js';

const CLASSIFY_KEYS = [
  'mqttName',
  ...FLEET_BROKER_KEYS,
  'backend',
  'mqttDiscovery',
  'mqttDiscoveryPrefix',
  'logLevel',
] as const satisfies readonly ConfigKey[];

/** Of the five seconds within which it ends. */
const MOST_STOPPING_MS = 4000;

interface ClassifyOptions extends FleetBrokerOptions {
  readonly models?: string[];
  readonly share: string;
  readonly idle: number;
  readonly metrics?: Address;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

export function classifyCommand(command: Command): void {
  command
    .description('Be a worker of a fleet: classify the handoffs of satellites')
    .option(
      '--broker <url>',
      'Broker to take handoffs from: mqtt://, mqtts://, or nats:// and tls:// for NATS (or fleetUrl or mqttUrl of the settings)',
    )
    .option(
      '--models <dirs...>',
      'Folders of model packs, in addition to those that come with wakegate: a pack is taken by its fingerprint',
    )
    .addOption(
      new Option('--share <name>', 'Group of workers: each handoff goes to one of it').default('wakegate'),
    )
    .addOption(
      new Option('--idle <seconds>', 'How long the classifier stays awake with nothing to do')
        .argParser(parseNonNegative)
        .default(86_400),
    )
    .addOption(
      new Option(
        '--metrics <[host:]port>',
        'Serve Prometheus metrics of the fleet, such as 9464 for this machine only, or 0.0.0.0:9464',
      ).argParser(parseAddress),
    );
  addConfigFlags(command, CLASSIFY_KEYS).action(classify);
  addExamples(command, {
    'wakegate classify --broker mqtt://homeassistant.local': 'Answer all satellites of that broker',
    'wakegate classify --broker mqtt://homeassistant.local --metrics 9464': 'With metrics of the whole fleet',
    'wakegate classify --broker mqtt://broker.example --models ./models': 'Also those with packs of your own',
  });
}

/** @throws InvalidArgumentError */
function parseAddress(text: string): Address {
  const [, host = '127.0.0.1', port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('Take a port, or host:port, such as 9464.');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

async function classify(options: ClassifyOptions): Promise<void> {
  const stopSignal = new Promise<void>((resolve) => {
    const stop = () => {
      setTimeout(() => process.exit(), MOST_STOPPING_MS).unref();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  });
  const { models = [], share, idle, metrics, ...given } = options;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(share)) {
    throw new WakegateError(
      'WG_USAGE',
      `--share ${share} is not valid: take up to 64 letters, digits, - and _`,
    );
  }
  const config = await configWithBroker(given, CLASSIFY_KEYS);
  const [
    { createLogger },
    { readBrokerSettings },
    { FleetWorker, WorkerPacks },
    { fleetTopicsOf },
    { mqttNameOf },
    { connectorOf },
  ] = await Promise.all([
    import('./logger.js'),
    import('../broker/index.js'),
    import('../fleet/worker-index.js'),
    import('../fleet/topics.js'),
    import('../bridges/mqtt/settings.js'),
    import('../fleet/connector.js'),
  ]);
  const logger = createLogger(config.logLevel);
  const packs = new WorkerPacks(models, (directory, problem) =>
    logger.warn({ directory }, `The model pack in ${directory} cannot be used: ${problem}`),
  );
  const [broker, topics] = [await readBrokerSettings(config), fleetTopicsOf(config)];
  const worker = new FleetWorker({
    broker,
    topics,
    connect: await connectorOf(broker, topics),
    name: mqttNameOf(config),
    group: share,
    packs,
    backend: config.backend,
    idleMs: idle * 1000,
    sensors: config,
    wantsCounts: metrics !== undefined,
    logger,
  });
  const server =
    metrics && (await (await import('../fleet/metrics.js')).serveMetrics(metrics, () => worker.overview));
  if (metrics) logger.info(`Serving metrics at http://${metrics.host}:${metrics.port}/metrics`);
  // Nothing else keeps it running while the broker is away.
  const alive = setInterval(() => {}, 1 << 30);
  try {
    await worker.start();
    const held = [...packs.all.values()].map(({ name }) => name).join(', ');
    logger.info(`Classifying handoffs of ${held}`);
    await stopSignal;
  } finally {
    clearInterval(alive);
    server?.close();
    await worker.stop();
  }
  logger.info('Stopped.');
}
