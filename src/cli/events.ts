import type { Command } from 'commander';
import type { EventType } from '../client/index.js';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { parseWhole } from './option-values.js';

interface EventsCommandOptions extends DaemonOptions {
  readonly types?: string;
  readonly since?: number;
  readonly count?: number;
}

export function eventsCommand(command: Command): void {
  addDaemonFlags(
    command.description('print what happens in a running daemon, one line of JSON for each event'),
  )
    .option(
      '--types <list>',
      'only these, with commas between: detection, gate, classifier, input, config, level',
    )
    .option('--since <number>', 'first what came after the event of this number', parseWhole)
    .option('--count <number>', 'end after so many', parseWhole)
    .action(printEvents);
}

async function printEvents({
  types,
  since,
  count = Number.POSITIVE_INFINITY,
  ...options
}: EventsCommandOptions) {
  // Who reads may have had enough, as head has.
  process.stdout.on('error', () => process.exit());
  await withDaemon(options, async (daemon) => {
    // Events are waited for however long it takes: a daemon that was never there is to be told of.
    await daemon.status();
    let left = count;
    // What is no type is for the daemon to say.
    const named = types === undefined ? {} : { types: types.split(',') as EventType[] };
    for await (const event of daemon.events({ ...named, ...(since !== undefined && { since }) })) {
      if (event.type === 'snapshot') continue;
      process.stdout.write(`${JSON.stringify(event)}\n`);
      if (--left <= 0) return;
    }
  });
}
