import type { Command } from 'commander';
import { type ConfigKey, loadConfig } from '../config/index.js';
import { addConfigFlags, givenFlags, MICROPHONE_KEYS } from './config-flags.js';
import { addExamples } from './examples.js';

const KEYS = [
  'input',
  'model',
  'backend',
  'gate',
  'levelGate',
  'mfcc',
  'host',
  'port',
  'tokenFile',
  'loopbackToken',
  'allowedOrigins',
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

interface RunOptions extends Partial<Record<ConfigKey, string>> {
  readonly config?: string;
}

export function runCommand(command: Command): void {
  addConfigFlags(
    command.description('Start the daemon: listen for keywords, and serve events over HTTP and WebSocket'),
    KEYS,
  ).action(run);
  addExamples(command, {
    'wakegate run': 'Listen to the microphone; Ctrl-C stops it',
    'wakegate run --config wakegate.yaml --captures on':
      'With your settings, and keep what was heard as audio',
  });
}

async function run(options: RunOptions): Promise<void> {
  // First, so that a signal that comes while things are being started ends them in order too.
  const stopSignal = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const load = () => loadConfig({ file: options.config, flags: givenFlags({ ...options }, KEYS) });
  const config = await load();
  const [{ Daemon }, { createLogger }, { reload }, { SystemdNotifier }] = await Promise.all([
    import('../daemon/daemon.js'),
    import('./logger.js'),
    import('./reload.js'),
    import('../systemd/notifier.js'),
  ]);
  const logger = createLogger(config.logLevel);
  const daemon = await Daemon.create(config, logger);
  const systemd = new SystemdNotifier(logger);
  daemon.onAlive = () => systemd.alive();
  try {
    await daemon.start();
    let reloaded = Promise.resolve();
    process.on('SIGHUP', () => {
      reloaded = reloaded.then(() => reload(daemon, load, logger));
    });
    systemd.ready();
    await Promise.race([stopSignal, daemon.ended]);
  } finally {
    systemd.stopping();
    await daemon.stop();
  }
  logger.info('Stopped.');
}
