import type { Command, Option } from 'commander';
import { ConfigSchema } from '../../config/index.js';

/** What can follow: one of some words, the path of a file, or text of its own. */
export type Value = { readonly words: readonly string[] } | 'file' | 'text';

export interface CompletedOption {
  /** With their hyphens: `-h`, `--help`. */
  readonly names: readonly string[];
  readonly description: string;
  /** What its value can be; null for a flag without one. */
  readonly value: Value | null;
}

export interface CompletedCommand {
  /** The words that lead to it: [] for wakegate itself, ['config', 'print']. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
  /** What its arguments can be; null where it takes none. */
  readonly argument: Value | null;
}

/** All that a shell can complete of a program. */
export function completionTree(program: Command): CompletedCommand {
  const tree = commandOf(program, []);
  const words = program.commands.map((command) => command.name());
  const commands = tree.commands.map((command) =>
    command.path[0] === 'help' ? { ...command, argument: { words } } : command,
  );
  return { ...tree, commands };
}

/** A command and all below it, parents first. */
export function allCommands(command: CompletedCommand): CompletedCommand[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function commandOf(command: Command, path: readonly string[]): CompletedCommand {
  const help = command.createHelp();
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  const commands = help
    .visibleCommands(command)
    // Of "help", only the one of wakegate itself: the others do what --help does.
    .filter((sub) => path.length === 0 || sub.name() !== 'help')
    .flatMap((sub) => {
      const names = [sub.name(), ...sub.aliases()];
      return names.map((name) => commandOf(sub, [...path, name]));
    });
  return {
    path,
    description: firstSentence(command.description()),
    options: options.map(optionOf),
    commands,
    argument: argumentOf(command),
  };
}

function argumentOf({ registeredArguments: [first] }: Command): Value | null {
  if (first === undefined) return null;
  return first.argChoices ? { words: first.argChoices } : 'file';
}

function optionOf(option: Option): CompletedOption {
  const { short, long, description, required, optional } = option;
  return {
    names: [short, long].filter((name) => name !== undefined),
    description: firstSentence(description),
    value: required || optional ? possibleValue(option) : null,
  };
}

/** Values that are paths, as the flags name them. */
const PATHS = /<(?:file|dir|csv|pack|input)(?:\.\.\.)?>/;

function possibleValue(option: Option): Value {
  const settings: Readonly<Record<string, { readonly enum?: readonly string[] } & object>> =
    ConfigSchema.properties;
  const words = option.argChoices ?? settings[option.attributeName()]?.enum;
  if (words) return { words };
  return PATHS.test(option.flags) ? 'file' : 'text';
}

function firstSentence(text: string): string {
  return text.split(/(?:[.;:] | \()/)[0].replace(/\.$/, '');
}
