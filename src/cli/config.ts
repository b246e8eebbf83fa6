import type { Command } from 'commander';
import { linkWarning, loadConfig } from '../config/index.js';
import { addExamples } from './examples.js';

interface ConfigOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export function configCommand(command: Command): void {
  command.description('Print or check the settings, without listening');
  command
    .command('print')
    .description('Print every setting with its value, as YAML with explanations')
    .option('--config <file>', 'JSON or YAML file with settings (or WAKEGATE_CONFIG)')
    .option('--json', 'Print JSON')
    .action(print);
  command
    .command('check')
    .description('Check the settings, the model pack and its keywords')
    .option('--config <file>', 'JSON or YAML file with settings (or WAKEGATE_CONFIG)')
    .action(check);
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

async function check({ config: file }: ConfigOptions): Promise<void> {
  const config = await loadConfig({ file });
  const warning = linkWarning();
  if (warning !== null) console.error(`wakegate: ${warning}`);
  const [{ configureKeywords }, { readPack, resolvePack }, { configuredToken }] = await Promise.all([
    import('../config/index.js'),
    import('../model/index.js'),
    import('../server/token.js'),
  ]);
  await configuredToken(config);
  const pack = await readPack(await resolvePack(config.model));
  const keywords = configureKeywords(pack.keywords, config.keywords);
  console.log(
    `The settings are valid: model pack ${pack.name}, with ${keywords.map(({ name }) => name).join(', ')}.`,
  );
}
