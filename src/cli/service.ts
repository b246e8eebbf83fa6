import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Scope } from '../systemd/unit.js';

const SCRIPT = fileURLToPath(new URL('./main.js', import.meta.url));

interface ServiceOptions {
  readonly user?: boolean;
  readonly config?: string;
  readonly print?: boolean;
}

export function serviceCommand(command: Command): void {
  command.description('keep the daemon running, as a service of systemd');
  withScope(command.command('install').description('install the service, and start it now and at every boot'))
    .option('--config <file>', 'JSON or YAML file with settings, for the service')
    .option('--print', 'only print the unit')
    .action(installService);
  withScope(command.command('uninstall').description('stop the service and remove it')).action(
    uninstallService,
  );
  withScope(command.command('status').description('show what systemd says of the service')).action(
    showStatus,
  );
}

function withScope(command: Command): Command {
  return command.option('--user', 'a service of this user, from login on, with its PipeWire or PulseAudio');
}

const scopeOf = ({ user }: ServiceOptions): Scope => (user ? 'user' : 'system');

async function installService(options: ServiceOptions): Promise<void> {
  const [{ unitFile }, { install }, { loadConfig }] = await Promise.all([
    import('../systemd/unit.js'),
    import('../systemd/install.js'),
    import('../config/index.js'),
  ]);
  const configFile = options.config === undefined ? undefined : resolve(options.config);
  // A service that cannot start is found out about here, and not in a journal.
  await loadConfig({ file: configFile });
  const unit = unitFile({ scope: scopeOf(options), node: process.execPath, script: SCRIPT, configFile });
  if (options.print) process.stdout.write(unit);
  else console.log(`Installed as ${await install(scopeOf(options), unit)}, and started.`);
}

async function uninstallService(options: ServiceOptions): Promise<void> {
  const { uninstall } = await import('../systemd/install.js');
  await uninstall(scopeOf(options));
  console.log('The service is removed.');
}

async function showStatus(options: ServiceOptions): Promise<void> {
  const { status } = await import('../systemd/install.js');
  process.stdout.write(await status(scopeOf(options)));
}
