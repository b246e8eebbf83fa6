import { allCommands, type CompletedCommand, type Value } from './tree.js';

/**
 * A script for bash. It walks over the words that are there to find the command, then offers what can follow. Files are
 * left to readline, which knows about quotes, `~` and folders.
 */
export function bashScript(root: CompletedCommand): string {
  const commands = allCommands(root);
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quote(keyOf(path)));
  return `# Completion of wakegate for bash: source <(wakegate completion bash)
_wakegate() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command/$word" in
      ${paths.join('|')}) command="$command/$word" ;;
    esac
  done
  case "$command $previous" in
${valueCases(commands)}
  esac
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
}
_wakegate_words() { COMPREPLY=($(compgen -W "$1" -- "\${COMP_WORDS[COMP_CWORD]}")); }
_wakegate_files() { compopt -o default 2>/dev/null; COMPREPLY=(); }
complete -F _wakegate wakegate
`;
}

const keyOf = (path: readonly string[]) => path.map((word) => `/${word}`).join('');

/** After an option that takes a value comes its value. */
function valueCases(commands: readonly CompletedCommand[]): string {
  const patterns = new Map<string, string[]>();
  for (const { path, options } of commands) {
    for (const { names, value } of options) {
      if (value === null) continue;
      const those = patterns.get(offer(value)) ?? [];
      patterns.set(offer(value), [...those, ...names.map((name) => quote(`${keyOf(path)} ${name}`))]);
    }
  }
  return [...patterns].map(([action, those]) => `    ${those.join('|')}) ${action}; return ;;`).join('\n');
}

function commandCase({ path, options, commands, argument }: CompletedCommand): string {
  const flags = options.flatMap(({ names }) => names).join(' ');
  const words = commands.map((command) => command.path.at(-1)).join(' ');
  const other = argument ? offer(argument) : `_wakegate_words ${quote(words)}`;
  const hyphen = `if [[ $current == -* ]]; then _wakegate_words ${quote(flags)}; else ${other}; fi`;
  return `    ${quote(keyOf(path))}) ${hyphen} ;;`;
}

function offer(value: Value): string {
  if (value === 'file') return '_wakegate_files';
  return value === 'text' ? ':' : `_wakegate_words ${quote(value.words.join(' '))}`;
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
