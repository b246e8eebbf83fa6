import type { Command } from 'commander';
import { addDaemonFlags } from './daemon-client.js';
import { addExamples } from './examples.js';
import type { AddOptions, KeywordOptions } from './keyword-options.js';
import { parsePositive } from './option-values.js';

/** `wakegate keyword ...`: keywords of the user's own, docs/guides/your-own-keyword.md. */
export function keywordCommand(command: Command): void {
  command.description('Add keywords of your own to a model pack, in minutes, on this machine');
  addExamples(command, {
    'wakegate keyword add "hey kitchen"': 'Make a keyword from text alone',
    'wakegate keyword add "hey kitchen" --record 5': 'And from five recordings of your voice',
    'wakegate keyword list': 'What there is, and how well it is expected to work',
  });
  withPlaces(command.command('add'))
    .description('Make a keyword, say how well it is going to work, and listen for it')
    .argument('<phrase>', 'The words, as they are spoken')
    .option('--name <name>', 'What it is called in events (default: made of the phrase)')
    .option('--language <code>', 'What the phrase is in, as espeak-ng names it: de, fr-fr, es (default: en)')
    .option('--recordings <folder>', 'Recordings of the phrase by those who are going to say it')
    .option('--record <n>', 'Record so many now, with the microphone', parsePositive)
    .option(
      '--recorder <program>',
      'What records: arecord, parec, pw-record or sox (default: that of the settings)',
    )
    .option(
      '--device <name>',
      'Which microphone, as "wakegate devices" lists it (default: that of the settings)',
    )
    .option('--quick', 'For the voices of the recordings only: without Kokoro, in two minutes')
    .option('--anyway', 'Take it even if it is not expected to work well')
    .action(async (phrase: string, options: AddOptions) => {
      const { addKeyword } = await import('./keyword-add.js');
      await addKeyword(phrase, options);
    });
  withPlaces(command.command('list'))
    .description('Keywords of your own, with what is expected of them')
    .action(async (options: KeywordOptions) => {
      const { listKeywords } = await import('./keyword-list.js');
      await listKeywords(options);
    });
  withPlaces(command.command('test'))
    .description('Let a keyword hear recordings of it, or of anything')
    .argument('<name>')
    .argument('<files...>')
    .action(async (name: string, files: string[], options: KeywordOptions) => {
      const { testKeyword } = await import('./keyword-list.js');
      await testKeyword(name, files, options);
    });
  withPlaces(command.command('improve'))
    .description(
      'Make a keyword again with the captures that you labelled; the old one stays where it is better',
    )
    .argument('<name>')
    .option('--back', 'Take the last change back')
    .action(async (name: string, options: KeywordOptions & { readonly back?: boolean }) => {
      const { improveKeyword } = await import('./keyword-improve.js');
      await improveKeyword(name, options);
    });
  withPlaces(command.command('remove'))
    .description('Remove a keyword')
    .argument('<name>')
    .action(async (name: string, options: KeywordOptions) => {
      const { removeKeyword } = await import('./keyword-list.js');
      await removeKeyword(name, options);
    });
}

function withPlaces(command: Command): Command {
  return addDaemonFlags(command)
    .option('--model <pack>', 'Model pack that it is for (default: that of the settings)')
    .option('--state-directory <dir>', 'Where the daemon keeps its state (default: that of the settings)');
}
