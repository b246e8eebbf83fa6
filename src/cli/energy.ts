import type { Command } from 'commander';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { energyTable } from './energy-table.js';
import { addExamples } from './examples.js';

export function energyCommand(command: Command): void {
  addDaemonFlags(
    command.description('Print what each stage of a running daemon has cost, and what the gate saved'),
  )
    .option('--json', 'Print JSON, with exact numbers')
    .action(showEnergy);
  addExamples(command, {
    'wakegate energy': 'CPU time and estimated energy since the start',
    'wakegate energy --json': 'The same with exact numbers, and for the last minute and hour',
  });
}

async function showEnergy(options: DaemonOptions & { readonly json?: boolean }): Promise<void> {
  const account = await withDaemon(options, (daemon) => daemon.energy());
  process.stdout.write(options.json ? `${JSON.stringify(account, null, 2)}\n` : energyTable(account));
}
