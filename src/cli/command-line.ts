import { type Command, CommanderError } from 'commander';
import { NEXT_STEPS } from './next-steps.js';
import { printError, printUsageError } from './print-error.js';
import { protectTerminal } from './printable.js';

/** Runs the command that this process was started with. It sets the exit code. */
export async function main(): Promise<void> {
  const program = await commandsOf(process.argv[2]);

  protectTerminal(process.stdout);
  protectTerminal(process.stderr);

  // The reader of the output may stop early, as head does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });

  try {
    if (process.argv.length === 2) process.stdout.write(NEXT_STEPS);
    else await program.parseAsync();
  } catch (error) {
    // Help and version are thrown as well, with exit code 0.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : printUsageError(error);
    else process.exitCode = printError(error, { withStack: program.opts().verbose === true });
  }
}

/** All commands, or the one alone that runs for months: it needs no memory for the others, nor time at its start. */
async function commandsOf(name: string | undefined): Promise<Command> {
  if (name !== 'run') return (await import('./program.js')).createProgram();
  const [{ rootCommand }, { runCommand }] = await Promise.all([
    import('./root-command.js'),
    import('./run.js'),
  ]);
  const program = rootCommand();
  runCommand(program.command('run'));
  return program;
}
