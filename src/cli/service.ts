import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { WakegateError } from '../errors.js';
import { configuredToken } from '../server/token.js';
import type { Scope } from '../systemd/unit.js';
import { addExamples } from './examples.js';

const SCRIPT = fileURLToPath(new URL('./main.cjs', import.meta.url));

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
  const [{ unitFile }, { install }, { rehearse }, { loadConfig, TOKEN_CREDENTIAL }] = await Promise.all([
    import('../systemd/unit.js'),
    import('../systemd/install.js'),
    import('../systemd/rehearse.js'),
    import('../config/index.js'),
  ]);
  const scope = scopeOf(options);
  const configFile = options.config === undefined ? undefined : resolve(options.config);
  // The service does not get this shell's variables. What is invalid is reported here, rather than in the journal of a service that
  // cannot start.
  const config = await loadConfig({ file: configFile, environment: {} });
  const { tokenFile, stateDirectory, model } = config;
  if (tokenFile !== undefined) await configuredToken(config);
  const service = {
    scope,
    node: process.execPath,
    script: SCRIPT,
    configFile,
    tokenFile,
    tokenName: TOKEN_CREDENTIAL,
  };
  const unit = unitFile(service);
  noteVariables();
  const problem = await rehearse({ ...service, settings: { stateDirectory, model } });
  if (options.print) {
    process.stdout.write(unit);
    if (problem !== null) console.error(`wakegate: here, the service would not run: ${problem}`);
    return;
  }
  if (problem !== null) throw new WakegateError('WG_SERVICE_FAILED', `the service would not run: ${problem}`);
  console.log(`Installed and started: ${await install(scope, unit)}`);
}

/** Says which settings of this shell the service does not get. */
function noteVariables(): void {
  const names = Object.keys(process.env).filter((name) => name.startsWith('WAKEGATE_'));
  if (names.length === 0) return;
  console.error(
    `wakegate: the service does not get ${names.join(', ')} from this shell: put them into a file, for --config`,
  );
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
