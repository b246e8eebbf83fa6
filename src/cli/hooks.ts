import type { Command } from 'commander';
import { WakegateError } from '../errors.js';
import type { Hook } from '../protocol/index.js';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { addExamples } from './examples.js';
import { printableIn } from './printable.js';

interface ListOptions extends DaemonOptions {
  readonly json?: boolean;
}

export function hooksCommand(command: Command): void {
  command.description('Show and test the webhooks and commands of a running daemon');
  addDaemonFlags(command.command('list').description('Print them, and how they fare'))
    .option('--json', 'Print JSON')
    .action(list);
  addDaemonFlags(
    command
      .command('test')
      .argument('<name>')
      .description('Run one now, with an event that says it is a test'),
  ).action(test);
  addExamples(command, {
    'wakegate hooks list': 'Which there are, and whether they work',
    'wakegate hooks test light': 'Does the light go on?',
  });
}

async function list({ json, ...options }: ListOptions): Promise<void> {
  const hooks = await withDaemon(options, (daemon) => daemon.hooks());
  if (json) console.log(JSON.stringify(hooks, null, 2));
  else if (hooks.length === 0) console.log('There are none: the settings of the daemon have no "hooks".');
  else console.log(hooks.map((hook) => lineOf(printableIn(hook))).join('\n'));
}

function lineOf({
  name,
  kind,
  target,
  on,
  keywords,
  delivered,
  failed,
  dropped,
  waiting,
  problem,
}: Hook): string {
  const when = keywords === null ? on.join(', ') : `${on.join(', ')} of ${keywords.join(', ')}`;
  const counts = `delivered ${delivered}, failed ${failed}, dropped ${dropped}, waiting ${waiting}`;
  const trouble = problem === null ? '' : `\n  ${problem}`;
  return `${name}: ${kind} ${target}, on ${when}; ${counts}${trouble}`;
}

async function test(name: string, options: DaemonOptions): Promise<void> {
  const { delivered, milliseconds, problem } = await withDaemon(options, (daemon) => daemon.testHook(name));
  if (!delivered) throw new WakegateError('WG_HOOK_FAILED', `the hook "${name}" failed: ${problem}`);
  console.log(`The hook "${name}" took the test, in ${Math.round(milliseconds)} ms.`);
}
