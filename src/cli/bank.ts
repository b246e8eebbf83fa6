import { type Command, InvalidArgumentError } from 'commander';
import { addExamples } from './examples.js';

interface BankOptions {
  readonly model: string;
  readonly manifest: readonly string[];
  readonly words: Readonly<Record<string, number>>;
  readonly devShare: number;
  readonly texts?: string;
  readonly onlyWords?: boolean;
}

/** `wakegate train bank`. */
export function bankCommand(command: Command): void {
  command
    .description(
      'Make the bank of a pack, which keywords of your own are trained against (once for each trunk)',
    )
    .requiredOption('--model <dir>', 'Folder of the pack; bank.json and bank.bin are written into it')
    .requiredOption('--manifest <csv...>', 'Recordings: their speech, noise and music is taken')
    .option(
      '--words <shares>',
      'Single words that are taken too, such as gcompris=0.25,tuxpaint=0.25',
      parseShares,
      {},
    )
    .option(
      '--dev-share <x>',
      'Of the dev recordings; the rest stays unheard, to measure on',
      parseShare,
      0.5,
    )
    .option(
      '--texts <csv>',
      'What is said in recordings (corpus, source_path, text): a keyword is not trained against its own word',
    )
    .option('--only-words', 'List what is said in the bank that the pack has already')
    .action(bank);
  addExamples(command, {
    'wakegate train bank --model models/mine --manifest data/manifest.csv': 'Of all that the manifest has',
  });
}

async function bank({ model, manifest, words, devShare, texts, onlyWords }: BankOptions): Promise<void> {
  const { makeBank, listBankWords } = await import('../training/bank/make-bank.js');
  const { bytes, hours } = await (onlyWords ? listBankWords : makeBank)({
    model,
    manifests: manifest,
    words,
    devShare,
    ...(texts !== undefined && { texts }),
    onProgress: (done, of) => {
      if (done % 1000 === 0) console.error(`${done} of ${of} recordings`);
    },
  });
  const file = onlyWords ? 'bank-words.br' : 'bank.bin';
  console.log(`${model}/${file}: ${hours.toFixed(1)} hours in ${(bytes / 1e6).toFixed(1)} MB`);
}

function parseShares(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [corpus, share] = pair.split('=');
      return [corpus, parseShare(share ?? '')];
    }),
  );
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share > 0 && share <= 1) return share;
  throw new InvalidArgumentError('Give a number over 0 and up to 1.');
}
