import { type Command, InvalidArgumentError } from 'commander';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';
import { addExamples } from './examples.js';

interface MuteOptions extends DaemonOptions {
  readonly by?: string;
}

export function muteCommand(command: Command): void {
  addDaemonFlags(command.description('Mute a running daemon: it releases the microphone'))
    .option('--seconds <number>', 'For how long (default: until "wakegate unmute")', parseSeconds)
    .option('--by <name>', 'Who wants it, such as a player; it is muted as long as anyone wants it')
    .action(mute);
  addExamples(command, {
    'wakegate mute --seconds 3600': 'Do not listen for an hour',
    'wakegate mute --seconds 600 --by radio': 'While the radio plays, ten minutes at most',
  });
}

export function unmuteCommand(command: Command): void {
  addDaemonFlags(command.description('Make a muted daemon listen again'))
    .option('--by <name>', "Whose wish is over (default: everybody's)")
    .action(unmute);
  addExamples(command, { 'wakegate unmute': 'Listen again' });
}

async function mute({ by, ...options }: MuteOptions & { readonly seconds?: number }): Promise<void> {
  const { muted, mutedUntil } = await withDaemon(options, (daemon) => daemon.mute(options.seconds, by));
  if (!muted) console.log('Nothing to mute: the input has ended.');
  else console.log(mutedUntil === null ? 'Muted.' : `Muted until ${mutedUntil}.`);
}

async function unmute({ by, ...options }: MuteOptions): Promise<void> {
  const { muted } = await withDaemon(options, (daemon) => daemon.unmute(by));
  console.log(muted ? 'Still muted, as others want it: "wakegate unmute" ends that too.' : 'Listening.');
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0) return seconds;
  throw new InvalidArgumentError('Give a number over 0.');
}
