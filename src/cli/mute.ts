import { type Command, InvalidArgumentError } from 'commander';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { addExamples } from './examples.js';

export function muteCommand(command: Command): void {
  addDaemonFlags(command.description('Mute a running daemon: it releases the microphone'))
    .option('--seconds <number>', 'For how long (default: until "wakegate unmute")', parseSeconds)
    .action(mute);
  addExamples(command, {
    'wakegate mute --seconds 3600': 'Do not listen for an hour',
  });
}

export function unmuteCommand(command: Command): void {
  addDaemonFlags(command.description('Make a muted daemon listen again')).action(unmute);
  addExamples(command, { 'wakegate unmute': 'Listen again' });
}

async function mute(options: DaemonOptions & { readonly seconds?: number }): Promise<void> {
  const { muted, mutedUntil } = await withDaemon(options, (daemon) => daemon.mute(options.seconds));
  if (!muted) console.log('Nothing to mute: the input has ended.');
  else console.log(mutedUntil === null ? 'Muted.' : `Muted until ${mutedUntil}.`);
}

async function unmute(options: DaemonOptions): Promise<void> {
  await withDaemon(options, (daemon) => daemon.unmute());
  console.log('Listening.');
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0) return seconds;
  throw new InvalidArgumentError('Give a number over 0.');
}
