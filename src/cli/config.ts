import type { Command } from 'commander';
import { type ConfigKey, linkWarning, loadConfig } from '../config/index.js';
import { addConfigFlags, givenFlags } from './config-flags.js';
import { addExamples } from './examples.js';
import { printable } from './printable.js';
import { RUN_KEYS } from './run.js';

interface ConfigOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface CheckOptions extends Partial<Record<ConfigKey, string>> {
  readonly config?: string;
}

export function configCommand(command: Command): void {
  command.description('Print or check the settings, without listening');
  command
    .command('print')
    .description('Print every setting with its value, as YAML with explanations')
    .option('--config <file>', 'JSON or YAML file with settings (or WAKEGATE_CONFIG)')
    .option('--json', 'Print JSON')
    .action(print);
  addConfigFlags(
    command.command('check').description('Find what would keep "run" with the same options from running'),
    RUN_KEYS,
  ).action(check);
  command
    .command('reference')
    .description('Print the reference of all settings, as Markdown')
    .action(async () => {
      const { configurationPage } = await import('../config/reference.js');
      process.stdout.write(configurationPage());
    });
  addExamples(command, {
    'wakegate config print > wakegate.yaml': 'Make a file to edit',
    'wakegate config check --config wakegate.yaml': 'Check it',
  });
}

async function print({ config: file, json }: ConfigOptions): Promise<void> {
  const config = await loadConfig({ file });
  if (json) {
    console.log(JSON.stringify(config, null, 2));
    return;
  }
  const { describeConfig } = await import('../config/describe.js');
  process.stdout.write(describeConfig(config));
}

async function check(options: CheckOptions): Promise<void> {
  const config = await loadConfig({ file: options.config, flags: givenFlags({ ...options }, RUN_KEYS) });
  const warning = linkWarning();
  if (warning !== null) console.error(`wakegate: ${printable(warning)}`);
  const { checkRun } = await import('../daemon/check-run.js');
  const { pack, keywords, problems, isRunning } = await checkRun(config);
  for (const problem of problems) console.error(`wakegate: ${printable(problem)}`);
  const names = keywords.map(({ name }) => name).join(', ');
  console.log(`The settings are valid: model pack ${printable(`${pack}, with ${names}`)}.`);
  if (isRunning) console.log(`A wakegate runs already, on port ${config.port}.`);
}
