import { Command } from 'commander';
import { VERSION } from '../version.js';
import { configCommand } from './config.js';
import { detectCommand } from './detect.js';
import { energyCommand } from './energy.js';
import { eventsCommand } from './events.js';
import { listenCommand } from './listen.js';
import { muteCommand, unmuteCommand } from './mute.js';
import { runCommand } from './run.js';
import { serviceCommand } from './service.js';
import { statusCommand } from './status.js';

/** The command line: every command is a file of its own, and loads what it works with when it is run. */
export function createProgram(): Command {
  const program = new Command('wakegate')
    .description(
      'Always-on keyword spotting: a cheap gate listens, and a classifier sleeps until it is needed.',
    )
    .version(VERSION)
    .option('--verbose', 'show where an error comes from')
    .configureHelp({ showGlobalOptions: true })
    // What commander has to say of a command line is printed with all other errors, in main.ts.
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  runCommand(program.command('run'));
  detectCommand(program.command('detect'));
  configCommand(program.command('config'));
  statusCommand(program.command('status'));
  eventsCommand(program.command('events'));
  listenCommand(program.command('listen'));
  muteCommand(program.command('mute'));
  unmuteCommand(program.command('unmute'));
  energyCommand(program.command('energy'));
  serviceCommand(program.command('service'));
  return program;
}
