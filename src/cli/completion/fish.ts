import { allCommands, type CompletedCommand, type CompletedOption, type Value } from './tree.js';

/** A script for fish: a line for each thing that can be completed, with the command at which it can. */
export function fishScript(root: CompletedCommand): string {
  const commands = allCommands(root);
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quote(keyOf(path)));
  return `# Completion of wakegate for fish: wakegate completion fish > ~/.config/fish/completions/wakegate.fish
function __wakegate_at --description 'Whether this is the command that is typed'
    set -l command ''
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if contains -- "$command/$word" ${paths.join(' ')}
            set command "$command/$word"
        end
    end
    test "$command" = "$argv[1]"
end
complete -c wakegate -f
${commands.flatMap(linesOf).join('\n')}
`;
}

const keyOf = (path: readonly string[]) => path.map((word) => `/${word}`).join('');

function linesOf({ path, options, commands, argument }: CompletedCommand): string[] {
  const at = `complete -c wakegate -n ${quote(`__wakegate_at '${keyOf(path)}'`)}`;
  return [
    ...commands.map((sub) => `${at} -a ${sub.path.at(-1)} -d ${quote(sub.description)}`),
    ...(argument === null ? [] : [`${at} ${offer(argument)}`]),
    ...options.map((option) => `${at} ${optionOf(option)}`),
  ];
}

function optionOf({ names, description, value }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const argument = value === null ? [] : value === 'file' ? ['-r -F'] : ['-x', offer(value)];
  return [...flags, ...argument, `-d ${quote(description)}`].filter(Boolean).join(' ');
}

function offer(value: Value): string {
  if (value === 'file') return '-F';
  return value === 'text' ? '' : `-a ${quote(value.words.join(' '))}`;
}

const quote = (text: string) => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
