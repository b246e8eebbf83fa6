import { Command } from 'commander';
import { VERSION } from '../version.js';

/** `wakegate` itself, without its commands. */
export function rootCommand(): Command {
  return (
    new Command('wakegate')
      .description(
        'Always-on keyword spotting: a cheap gate listens, and a classifier sleeps until it is needed.',
      )
      .version(VERSION, '-V, --version', 'Print the version')
      .helpOption('-h, --help', 'Print this help')
      .option('--verbose', 'With an error, print the stack trace')
      .configureHelp({ showGlobalOptions: true })
      // Errors in the command line are printed with all other errors, in command-line.ts.
      .configureOutput({ outputError: () => {} })
      .exitOverride()
  );
}
