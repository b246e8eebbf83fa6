import type { Command } from 'commander';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { energyTable } from './energy-table.js';

export function energyCommand(command: Command): void {
  addDaemonFlags(
    command.description('show what each stage of a running daemon has cost, and what the gate saved'),
  )
    .option('--json', 'print JSON instead of a table')
    .action(showEnergy);
}

async function showEnergy(options: DaemonOptions & { readonly json?: boolean }): Promise<void> {
  const account = await withDaemon(options, (daemon) => daemon.energy());
  process.stdout.write(options.json ? `${JSON.stringify(account, null, 2)}\n` : energyTable(account));
}
