import type { Command } from 'commander';
import { type ConfigKey, linkWarning, loadConfig } from '../config/index.js';
import { SerialQueue } from '../serial-queue.js';
import { addConfigFlags, givenFlags, MICROPHONE_KEYS } from './config-flags.js';
import { addExamples } from './examples.js';

/** Settings that have a flag. */
export const RUN_KEYS = [
  'input',
  'model',
  'backend',
  'gate',
  'levelGate',
  'secondLook',
  'mfcc',
  'host',
  'port',
  'tokenFile',
  'makeToken',
  'loopbackToken',
  'allowedOrigins',
  'allowedHosts',
  'maxConnections',
  'maxConnectionsPerAddress',
  'wyoming',
  'wyomingHost',
  'wyomingPort',
  'wyomingZeroconf',
  'wyomingMute',
  'wyomingPeers',
  'mqttUrl',
  'mqttName',
  'mqttRoom',
  'mqttUser',
  'mqttPasswordFile',
  'mqttCa',
  'mqttCertificate',
  'mqttKey',
  'mqttDiscovery',
  'mqttDiscoveryPrefix',
  'mqttPrefix',
  'mqttStatsSeconds',
  'classifier',
  'fleetPrefix',
  'fleetGroup',
  'fleetWindowMs',
  'idleSeconds',
  'stateDirectory',
  'captures',
  'captureFloor',
  'captureMaxCount',
  'captureMaxMegabytes',
  'captureMaxDays',
  'logLevel',
  ...MICROPHONE_KEYS,
] as const satisfies readonly ConfigKey[];

/** Of the five seconds within which it ends. */
const MOST_STOPPING_MS = 4000;

interface RunOptions extends Partial<Record<ConfigKey, string>> {
  readonly config?: string;
}

export function runCommand(command: Command): void {
  addConfigFlags(
    command.description('Start the daemon: listen for keywords, and serve events over HTTP and WebSocket'),
    RUN_KEYS,
  ).action(run);
  addExamples(command, {
    'wakegate run': 'Listen to the microphone; Ctrl-C stops it',
    'wakegate run --config wakegate.yaml --captures on':
      'With your settings, and keep what was heard as audio',
  });
}

async function run(options: RunOptions): Promise<void> {
  // First, so that a signal during the start ends everything in order too.
  const stopSignal = new Promise<void>((resolve) => {
    const stop = () => {
      endWithin(MOST_STOPPING_MS);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  });
  const load = () => loadConfig({ file: options.config, flags: givenFlags({ ...options }, RUN_KEYS) });
  const config = await load();
  const [{ Daemon }, { createLogger }, { LogLines }, { reload }, { SystemdNotifier }] = await Promise.all([
    import('../daemon/index.js'),
    import('./logger.js'),
    import('./log-lines.js'),
    import('./reload.js'),
    import('../systemd/notifier.js'),
  ]);
  const isForPeople = process.stdout.isTTY && config.logLevel === 'info';
  const lines = process.stdout.isTTY ? null : new LogLines();
  const logger = createLogger(config.logLevel, { lines });
  const daemonLogger = isForPeople ? createLogger(config.logLevel, { isBrief: true }) : logger;
  const warning = linkWarning();
  if (warning !== null) logger.warn(warning);
  const daemon = await Daemon.create(config, daemonLogger);
  const view = isForPeople ? new (await import('./run-view.js')).RunView(daemon, config) : null;
  const systemd = new SystemdNotifier(logger);
  daemon.onAlive = () => systemd.alive();
  if (lines) lines.onTrouble = (problem) => daemon.setProblem('log', problem);
  try {
    await daemon.start();
    view?.started();
    const reloads = new SerialQueue();
    process.on('SIGHUP', () => {
      reloads.add(() => reload(daemon, load, logger));
    });
    systemd.ready();
    await Promise.race([stopSignal, daemon.ended]);
  } finally {
    systemd.stopping();
    await daemon.stop();
  }
  if (view) view.stopped();
  else logger.info('Stopped.');
}

/** Ends the process where something keeps it: a recorder that cannot be ended, a reader of the log that does not read. */
function endWithin(ms: number): void {
  setTimeout(() => process.exit(), ms).unref();
}
