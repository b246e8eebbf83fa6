import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Scope } from '../systemd/unit.js';
import { addExamples } from './examples.js';

const SCRIPT = fileURLToPath(new URL('./main.js', import.meta.url));

interface ServiceOptions {
  readonly user?: boolean;
  readonly config?: string;
  readonly print?: boolean;
}

export function serviceCommand(command: Command): void {
  command.description('Keep the daemon running as a systemd service');
  withScope(command.command('install').description('Install the service, start it now and at every boot'))
    .option('--config <file>', 'JSON or YAML file with the settings of the service')
    .option('--print', 'Only print the unit file')
    .action(installService);
  withScope(command.command('uninstall').description('Stop the service and remove it')).action(
    uninstallService,
  );
  withScope(command.command('status').description('Print the status of the service, from systemd')).action(
    showStatus,
  );
  addExamples(command, {
    'sudo wakegate service install --config /etc/wakegate.yaml': 'Listen from every boot on',
    'wakegate service install --user': 'Listen while this user is logged in',
  });
}

function withScope(command: Command): Command {
  return command.option(
    '--user',
    'A service of this user, from login on, with the PipeWire or PulseAudio of the user',
  );
}

const scopeOf = ({ user }: ServiceOptions): Scope => (user ? 'user' : 'system');

async function installService(options: ServiceOptions): Promise<void> {
  const [{ unitFile }, { install }, { loadConfig }] = await Promise.all([
    import('../systemd/unit.js'),
    import('../systemd/install.js'),
    import('../config/index.js'),
  ]);
  const configFile = options.config === undefined ? undefined : resolve(options.config);
  // Invalid settings are reported here, rather than in the journal of a service that cannot start.
  await loadConfig({ file: configFile });
  const unit = unitFile({ scope: scopeOf(options), node: process.execPath, script: SCRIPT, configFile });
  if (options.print) process.stdout.write(unit);
  else console.log(`Installed and started: ${await install(scopeOf(options), unit)}`);
}

async function uninstallService(options: ServiceOptions): Promise<void> {
  const { uninstall } = await import('../systemd/install.js');
  await uninstall(scopeOf(options));
  console.log('The service was removed.');
}

async function showStatus(options: ServiceOptions): Promise<void> {
  const { status } = await import('../systemd/install.js');
  process.stdout.write(await status(scopeOf(options)));
}
