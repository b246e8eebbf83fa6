import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { collectCode } from '../collect-garbage.js';
import { type ConfigKey, linkWarning, loadConfig } from '../config/index.js';
import type { Daemon } from '../daemon/index.js';
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
  'fleetUrl',
  'fleetSecondLook',
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

/** What only the start has needed goes then: later than what was compiled is kept for the next start, and than V8 has forgotten how much the start took. */
const SETTLED_AFTER_MS = 10_000;
/** Of the five seconds within which it ends. */
const MOST_STOPPING_MS = 3500;
/** A process that is ended by force may still wait for a disk that does not answer. */
const KILL_AFTER_SECONDS = 1;

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
  // As early, since its absence would be the end.
  let reloadNow = () => {
    isReloadWanted = true;
  };
  let isReloadWanted = false;
  process.on('SIGHUP', () => reloadNow());
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
  daemon.events.on('event', ({ type }) => {
    if (type === 'input' || type === 'problem') systemd.status(stateOf(daemon));
  });
  if (lines) lines.onTrouble = (problem) => daemon.setProblem('log', problem);
  try {
    await daemon.start();
    view?.started();
    const reloads = new SerialQueue();
    reloadNow = () => {
      reloads.add(() => reload(daemon, load, logger));
    };
    if (isReloadWanted) reloadNow();
    systemd.ready();
    setTimeout(collectCode, SETTLED_AFTER_MS).unref();
    await Promise.race([stopSignal, daemon.ended]);
  } finally {
    systemd.stopping();
    await daemon.stop();
  }
  if (view) view.stopped();
  else logger.info('Stopped.');
}

/** How the daemon is, in a sentence. */
function stateOf(daemon: Daemon): string {
  const { input, problems } = daemon.status();
  const how = { listening: 'Listening to', restored: 'Listening to', muted: 'Muted:' } as const;
  const { state, name } = input;
  const notReady = daemon.notReady();
  const well = notReady ?? (state in how ? `${how[state as keyof typeof how]} ${name}` : `${name}: ${state}`);
  const others = problems.map(({ problem }) => problem).filter((problem) => !well.includes(problem));
  return [well, ...others].join('; ');
}

/** Ends the process where something keeps it: a recorder that cannot be ended, a reader of the log that does not read. */
function endWithin(ms: number): void {
  setTimeout(() => {
    // The exit waits for threads, of which one may wait for a disk for good.
    const kill = `sleep ${KILL_AFTER_SECONDS}; kill -KILL ${process.pid}`;
    const killer = spawn('/bin/sh', ['-c', kill], { detached: true, stdio: 'ignore' });
    killer.on('error', () => {});
    killer.unref();
    if (killer.pid === undefined) process.kill(process.pid, 'SIGKILL');
    process.exit();
  }, ms).unref();
}
