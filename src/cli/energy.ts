import type { Command } from 'commander';
import { loadConfig } from '../config/index.js';
import type { EnergyAccount } from '../energy/index.js';
import { asWakegateError, WakegateError } from '../errors.js';
import { addConfigFlags, givenFlags } from './config-flags.js';
import { energyTable } from './energy-table.js';

const KEYS = ['host', 'port'] as const;
const TIMEOUT_MS = 5000;

interface EnergyOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export function energyCommand(command: Command): void {
  addConfigFlags(
    command.description('show what each stage of a running daemon has cost, and what the gate saved'),
    KEYS,
  )
    .option('--json', 'print JSON instead of a table')
    .action(showEnergy);
}

async function showEnergy(options: EnergyOptions): Promise<void> {
  const { host, port } = await loadConfig({ file: options.config, flags: givenFlags({ ...options }, KEYS) });
  const account = await askDaemon(host, port);
  process.stdout.write(options.json ? `${JSON.stringify(account, null, 2)}\n` : energyTable(account));
}

async function askDaemon(host: string, port: number): Promise<EnergyAccount> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/v1/energy`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (answer.ok) return (await answer.json()) as EnergyAccount;
    throw new WakegateError('WG_SERVICE_UNREACHABLE', `${url} answers ${answer.status}: is that wakegate?`);
  } catch (error) {
    throw asWakegateError(
      error,
      'WG_SERVICE_UNREACHABLE',
      `no daemon answers at ${url} (start it with "wakegate run", or name another --port)`,
    );
  }
}
