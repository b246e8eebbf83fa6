import type { Command } from 'commander';
import type { EventType } from '../client/index.js';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { eventText } from './event-text.js';
import { addExamples } from './examples.js';
import { parseWhole } from './option-values.js';
import { styleOf } from './style.js';

interface EventsCommandOptions extends DaemonOptions {
  readonly types?: string;
  readonly since?: number;
  readonly count?: number;
  readonly json?: boolean;
}

export function eventsCommand(command: Command): void {
  addDaemonFlags(command.description('Print the events of a running daemon as they happen'))
    .option(
      '--types <list>',
      'Only these types, separated by commas: detection, gate, classifier, input, config, problem, level, scores',
    )
    .option('--since <number>', 'Start with the events after this sequence number', parseWhole)
    .option('--count <number>', 'Stop after this many events', parseWhole)
    .option('--json', 'Print a line of JSON for each event, as when the output is not a terminal')
    .action(printEvents);
  addExamples(command, {
    'wakegate events --types detection': 'Print every detection',
    'wakegate events --json | jq .type': 'Pass the events to another program',
  });
}

async function printEvents({
  types,
  since,
  count = Number.POSITIVE_INFINITY,
  json = !process.stdout.isTTY,
  ...options
}: EventsCommandOptions) {
  // The reader may stop early, as head does.
  process.stdout.on('error', () => process.exit());
  const style = styleOf(process.stdout);
  await withDaemon(options, async (daemon) => {
    // Events are awaited for as long as it takes, so report first if there is no daemon at all.
    await daemon.status();
    let left = count;
    // The daemon refuses unknown types.
    const named = types === undefined ? {} : { types: types.split(',') as EventType[] };
    for await (const event of daemon.events({ ...named, ...(since !== undefined && { since }) })) {
      if (event.type === 'snapshot') continue;
      process.stdout.write(`${json ? JSON.stringify(event) : eventText(event, style)}\n`);
      if (--left <= 0) return;
    }
  });
}
