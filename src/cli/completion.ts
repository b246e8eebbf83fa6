import { Argument, type Command } from 'commander';
import { addExamples } from './examples.js';

export function completionCommand(command: Command, program: Command): void {
  command
    .description('Print a script that completes wakegate in your shell')
    .addArgument(new Argument('<shell>', 'The shell').choices(['bash', 'zsh', 'fish']))
    .action((shell: Shell) => printCompletion(shell, program));
  addExamples(command, {
    "echo 'source <(wakegate completion bash)' >> ~/.bashrc": 'bash: from the next login on',
    "echo 'source <(wakegate completion zsh)' >> ~/.zshrc": 'zsh, after compinit',
    'wakegate completion fish > ~/.config/fish/completions/wakegate.fish': 'fish',
  });
}

type Shell = 'bash' | 'zsh' | 'fish';

async function printCompletion(shell: Shell, program: Command): Promise<void> {
  const [{ completionTree }, { bashScript }, { zshScript }, { fishScript }] = await Promise.all([
    import('./completion/tree.js'),
    import('./completion/bash.js'),
    import('./completion/zsh.js'),
    import('./completion/fish.js'),
  ]);
  const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell];
  process.stdout.write(script(completionTree(program)));
}
