import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { WakegateError } from '../errors.js';
import type { Split } from '../training/recordings/splits.js';
import { addExamples } from './examples.js';
import { printProgress } from './training-progress.js';

interface RecordingsOptions {
  readonly list?: boolean;
  readonly only?: RegExp;
  readonly out?: string;
  readonly split: readonly Split[];
  readonly heldOut: readonly string[];
  readonly mirror?: string;
}

/** `wakegate train recordings`. */
export function recordingsCommand(command: Command): void {
  command
    .description('Fetch public recordings to train and evaluate with; resumes where it was interrupted')
    .option('--out <dir>', 'Folder for manifest.csv and the audio (16 kHz WAV)')
    .option('--list', 'Print what there is, with licence and source, and fetch nothing')
    .option('--only <regex>', 'Only the corpora whose name fits', parsePattern)
    .option(
      '--split <names>',
      'Which splits to write, with commas between them: train, dev, test. Measure on test, and never choose by it',
      parseSplits,
      ['train', 'dev'] satisfies Split[],
    )
    .option(
      '--held-out <names>',
      'Corpora to train nothing on, with commas between them: what would be train is written as dev',
      (text: string) => text.split(',').map((name) => name.trim()),
      [] as string[],
    )
    .option(
      '--mirror <dir>',
      'Take repositories from a folder, as <owner>+<name>/repo, instead of the network',
    )
    .action(recordings);
  addExamples(command, {
    'wakegate train recordings --list': 'See what there is',
    "wakegate train recordings --out data --only 'kitchen20|kathleen'": 'Fetch two of them',
    'WAKEGATE_DATA=data wakegate train prepare': 'Then train with them',
    'wakegate eval --manifest data/manifest.csv --conditions snr10,band8k': 'Or measure a pack on them',
  });
}

async function recordings({
  list,
  only = /./,
  out,
  split,
  heldOut,
  mirror,
}: RecordingsOptions): Promise<void> {
  const { CORPORA } = await import('../training/recordings/corpora.js');
  const unknown = heldOut.filter((name) => !CORPORA.some((corpus) => corpus.name === name));
  if (unknown.length > 0) {
    throw new WakegateError(
      'WG_USAGE',
      `--held-out: there is no corpus ${unknown.join(', ')}; there are ${CORPORA.map(({ name }) => name).join(', ')}`,
    );
  }
  const corpora = CORPORA.filter(({ name }) => only.test(name));
  if (corpora.length === 0) {
    throw new WakegateError(
      'WG_USAGE',
      `--only ${only.source} fits no corpus; there are ${CORPORA.map(({ name }) => name).join(', ')}`,
    );
  }
  if (list) {
    for (const { name, what, licence, from } of corpora) {
      const where =
        from.type === 'git' ? `${from.url}/tree/${from.commit}` : `Debian package ${from.package}`;
      process.stdout.write(`${name}: ${what}\n  ${licence}; ${where}\n`);
    }
    return;
  }
  if (out === undefined) {
    throw new WakegateError('WG_USAGE', 'name a folder for the recordings with --out, such as --out data');
  }
  const { fetchRecordings } = await import('../training/recordings/fetch-recordings.js');
  const { clips, hours, missing } = await fetchRecordings({
    corpora,
    out,
    splits: split,
    heldOut,
    ...(mirror !== undefined && { mirror }),
    onLine: (line) => console.error(line),
    onProgress: printProgress,
  });
  console.error(`${out}/manifest.csv lists ${clips} clips, ${hours.toFixed(2)} h`);
  if (missing.length === 0) return;
  throw new WakegateError(
    'WG_DATA_INVALID',
    `${missing.length} of ${corpora.length} corpora are missing (${missing.map(({ corpus }) => corpus).join(', ')}; ` +
      'see above why): fix it, then run the command again, which keeps what is there',
  );
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new InvalidArgumentError('Give a regular expression, such as "kitchen20|kathleen".');
  }
}

function parseSplits(text: string): Split[] {
  return text.split(',').map((name) => {
    if (name === 'train' || name === 'dev' || name === 'test') return name;
    throw new InvalidArgumentError('Give train, dev or test, with commas between them.');
  });
}
