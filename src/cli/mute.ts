import { type Command, InvalidArgumentError } from 'commander';
import { addDaemonFlags, type DaemonOptions, withDaemon } from './daemon-client.js';

export function muteCommand(command: Command): void {
  addDaemonFlags(command.description('have a running daemon let the microphone go'))
    .option('--seconds <number>', 'how long; until unmute unless told', parseSeconds)
    .action(mute);
}

export function unmuteCommand(command: Command): void {
  addDaemonFlags(command.description('have a running daemon listen again')).action(unmute);
}

async function mute(options: DaemonOptions & { readonly seconds?: number }): Promise<void> {
  const { muted, mutedUntil } = await withDaemon(options, (daemon) => daemon.mute(options.seconds));
  if (!muted) console.log('There was nothing left to mute: all of the input has been heard.');
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
