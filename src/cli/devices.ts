import type { Command } from 'commander';
import type { InputDevice, Range } from '../audio/index.js';
import { addExamples } from './examples.js';
import { printable } from './printable.js';

interface DevicesOptions {
  readonly json?: boolean;
}

export function devicesCommand(command: Command): void {
  command
    .description('List the microphones, by names that stay the same')
    .option('--json', 'Print JSON')
    .action(listDevices);
  addExamples(command, {
    'wakegate devices': 'Find the name of a microphone',
    'wakegate run --device plughw:CARD=Mic,DEV=0': 'Listen to it',
  });
}

async function listDevices({ json }: DevicesOptions): Promise<void> {
  const { listInputs } = await import('../audio/index.js');
  const devices = await listInputs();
  process.stdout.write(json ? `${JSON.stringify({ devices }, null, 2)}\n` : tableOf(devices));
}

const HEADINGS = ['--recorder', '--device', 'Hz', 'channels', 'description'];

/** Programs and devices name themselves. */
export function tableOf(devices: readonly InputDevice[]): string {
  if (devices.length === 0) return 'No microphone was found. Run "wakegate doctor" to find out why.\n';
  const rows = devices.map(({ recorder, name, rates, channels, description, isMonitor }) => [
    recorder,
    printable(name),
    range(rates),
    range(channels),
    printable(description) + (isMonitor ? ' (plays back the output: not a microphone)' : ''),
  ]);
  const table = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function range(range: Range | null): string {
  if (range === null) return '?';
  const { lowest, highest } = range;
  return lowest === highest ? String(lowest) : `${lowest}-${highest}`;
}
