import { allCommands, type CompletedCommand, type CompletedOption, type Value } from './tree.js';

/** A script for zsh: a function for each command, made of calls to \`_arguments\`. */
export function zshScript(root: CompletedCommand): string {
  return `#compdef wakegate
# Completion of wakegate for zsh: source <(wakegate completion zsh), after compinit
${allCommands(root).map(functionOf).join('\n')}
if [[ "$funcstack[1]" == _wakegate ]]; then _wakegate "$@"; else compdef _wakegate wakegate; fi
`;
}

const nameOf = (path: readonly string[]) => ['_wakegate', ...path].join('_');

function functionOf({ path, options, commands, argument }: CompletedCommand): string {
  const specs = options.flatMap(specsOf);
  if (commands.length === 0) {
    const rest = argument === null ? [] : [quote(`*:argument:${actionOf(argument)}`)];
    return `${nameOf(path)}() {\n  _arguments \\\n    ${[...specs, ...rest].join(' \\\n    ')}\n}`;
  }
  const described = commands.map(({ path: sub, description }) =>
    quote(`${sub.at(-1)}:${description.replaceAll(':', '\\:')}`),
  );
  const cases = commands.map(({ path: sub }) => `        ${sub.at(-1)}) ${nameOf(sub)} ;;`);
  return `${nameOf(path)}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
    ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(' \\\n    ')}
  case $state in
    command)
      local -a commands
      commands=(
        ${described.join('\n        ')}
      )
      _describe command commands
      ;;
    rest)
      case $line[1] in
${cases.join('\n')}
      esac
      ;;
  esac
}`;
}

/** One spec for each name of an option; one name given excludes the others. */
function specsOf({ names, description, value }: CompletedOption): string[] {
  const text = description.replaceAll(/[[\]\\:]/g, '\\$&');
  const argument = value === null ? '' : `:value:${actionOf(value)}`;
  return names.map((name) => quote(`(${names.join(' ')})${name}[${text}]${argument}`));
}

function actionOf(value: Value): string {
  if (value === 'file') return '_files';
  return value === 'text' ? ' ' : `(${value.words.join(' ')})`;
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
