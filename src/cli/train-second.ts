import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { parseNonNegative, parseWhole } from './option-values.js';
import { printProgress } from './training-progress.js';

/** `wakegate train second ...`: the network of the second look, from prepared scenes to a pack that has it. */
export function secondCommand(command: Command): void {
  command.description('Train the second look of a pack (docs/reference/training.md)');
  withCache(command.command('trunk'))
    .description('Distil the teacher into its network. Continues from its last checkpoint')
    .option('--run <dir>', 'where this run is kept')
    .option('--seed <n>', 'seed', parseWhole)
    .option('--steps <n>', 'steps in all', parseWhole)
    .action(distil);
  withCache(command.command('mistakes'))
    .description('Collect what a pack is wrong about in the train recordings without a keyword')
    .requiredOption('--model <dir>', 'the pack, with a second look')
    .requiredOption('--out <file>', 'where it is kept, without an extension')
    .action(mistakes);
  withCache(command.command('words'))
    .description('Train its keyword head, then all of it. Continues from its last checkpoint')
    .option('--trunk <dir>', 'checkpoint of the distillation')
    .option('--run <dir>', 'where this run is kept')
    .option('--init <file>', 'weights of an earlier run to continue from')
    .option('--mistakes <file>', 'what the first network is wrong about, as collected')
    .option('--seed <n>', 'seed', parseWhole)
    .option('--steps <n>', 'steps in all', parseWhole)
    .option('--head-steps <n>', 'steps at the start in which only the head moves', parseWhole)
    .option('--learning-rate <x>', 'highest learning rate', parseNonNegative)
    .action(words);
  withCache(command.command('add'))
    .description('Give a pack the second look of a run, and calibrate both on the dev recordings')
    .requiredOption('--model <dir>', 'folder of the pack, which is changed')
    .requiredOption('--run <dir>', 'the run')
    .option('--trunk <dir>', 'checkpoint of the distillation')
    .option('--false-accepts <n>', 'in all of the dev recordings together, as counted', parseWhole, 2)
    .action(add);
}

function withCache(command: Command): Command {
  return command
    .option('--cache <dir>', 'prepared data', '.cache')
    .option('--data <dir>', 'recordings, with their manifest.csv');
}

interface Common {
  readonly cache: string;
  readonly data?: string;
}

async function setsOf({ cache, data }: Common) {
  const { dataDirectory } = await import('../training/corpus/corpus.js');
  return [{ data: data ?? dataDirectory(), cache }];
}

async function openTrainingBackend(): Promise<void> {
  const [{ openBackend }, { useNativeGradients }] = await Promise.all([
    import('../classifier/index.js'),
    import('../training/network/native-kernels.js'),
  ]);
  await openBackend('node');
  useNativeGradients();
}

async function distil({ cache, data, ...options }: Common & { readonly run?: string }): Promise<void> {
  await openTrainingBackend();
  const { distilSecond, SECOND_DISTILLATION } = await import('../training/fit/second-distillation.js');
  const sets = await setsOf({ cache, ...(data && { data }) });
  await distilSecond({ ...SECOND_DISTILLATION, ...options, sets }, { onProgress: printProgress });
}

async function words({ cache, data, ...options }: Common & { readonly run?: string }): Promise<void> {
  await openTrainingBackend();
  const { trainSecondKeywords, SECOND_KEYWORDS } = await import('../training/fit/second-keywords.js');
  const sets = await setsOf({ cache, ...(data && { data }) });
  await trainSecondKeywords({ ...SECOND_KEYWORDS, ...options, sets }, { onProgress: printProgress });
}

async function mistakes(options: Common & { readonly model: string; readonly out: string }): Promise<void> {
  const [{ readPack, resolvePack }, { readCorpus }, { findMistakes }, { writeMistakes }] = await Promise.all([
    import('../model/index.js'),
    import('../training/corpus/corpus.js'),
    import('../training/evaluation/find-mistakes.js'),
    import('../training/corpus/mistakes.js'),
  ]);
  const pack = await readPack(await resolvePack(options.model));
  const names = pack.keywords.map(({ name }) => name);
  const [{ data, cache }] = (await setsOf(options)) as [{ data: string; cache: string }];
  const clips = (await readCorpus('train', cache, { data })).filter(({ label }) => !names.includes(label));
  const found = await findMistakes(pack, clips, (done, of) => {
    if (done % 500 === 0) console.error(`listened to ${done} of ${of}`);
  });
  await mkdir(dirname(options.out), { recursive: true });
  await writeMistakes(options.out, found);
  console.error(`${found.length} mistakes in ${clips.length} recordings`);
}

interface AddOptions extends Common {
  readonly model: string;
  readonly run: string;
  readonly trunk?: string;
  readonly falseAccepts: number;
}

async function add(options: AddOptions): Promise<void> {
  const [{ readCorpus }, { SECOND_KEYWORDS }, { addCalibrated }, { resolvePack }] = await Promise.all([
    import('../training/corpus/corpus.js'),
    import('../training/fit/second-keywords.js'),
    import('../training/pack/add-calibrated.js'),
    import('../model/index.js'),
  ]);
  const [{ data, cache }] = (await setsOf(options)) as [{ data: string; cache: string }];
  const calibrated = await addCalibrated({
    directory: await resolvePack(options.model),
    run: options.run,
    trunk: options.trunk ?? SECOND_KEYWORDS.trunk,
    clips: await readCorpus('dev', cache, { data }),
    falseAccepts: options.falseAccepts,
  });
  console.log(JSON.stringify(calibrated, null, 2));
}
