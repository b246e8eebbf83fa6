import type { Command } from 'commander';

/** Ends the help of a command with examples: what to type, and what it does. */
export function addExamples(command: Command, examples: Readonly<Record<string, string>>): Command {
  const lines = Object.entries(examples).map(([line, does]) => `  # ${does}\n  $ ${line}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
