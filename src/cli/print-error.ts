import type { CommanderError } from 'commander';
import { asWakegateError, WakegateError } from '../errors.js';
import { printable } from './printable.js';

/**
 * Prints an error on stderr, as one sentence with its code.
 *
 * @param withStack also prints its stack trace, and those of its causes
 * @returns the exit code
 */
export function printError(error: unknown, { withStack }: { withStack: boolean }): 1 | 2 {
  const fault = asWakegateError(error, 'WG_INTERNAL', 'unexpected error');
  printSentence(fault);
  if (withStack) {
    for (let cause: unknown = fault; cause instanceof Error; cause = cause.cause) console.error(cause.stack);
  }
  return fault.exitCode;
}

/** Prints what commander says about an invalid command line. @returns the exit code */
export function printUsageError({ code, message }: CommanderError): 2 {
  // Without a command, commander has printed the help already.
  if (code !== 'commander.help') {
    const sentence = message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
    printSentence(new WakegateError('WG_USAGE', sentence));
  }
  return 2;
}

export function printSentence({ code, message }: WakegateError): void {
  console.error(`wakegate: [${code}] ${printable(message)}`);
}
