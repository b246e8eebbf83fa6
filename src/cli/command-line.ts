import { CommanderError } from 'commander';
import { NEXT_STEPS } from './next-steps.js';
import { printError, printUsageError } from './print-error.js';
import { protectTerminal } from './printable.js';
import { createProgram } from './program.js';

const program = createProgram();

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
