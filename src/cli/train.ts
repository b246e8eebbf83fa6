import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { WakegateError } from '../errors.js';
import type { Speakers } from '../training/corpus/speak.js';
import type { WindowCounts } from '../training/feed/keyword-feeder.js';
import { bankCommand } from './bank.js';
import { addExamples } from './examples.js';
import { parseNames, parseNonNegative, parseWhole } from './option-values.js';
import { recordingsCommand } from './recordings.js';
import { secondCommand } from './train-second.js';
import { moreRecordings, withKokoroClips } from './training-options.js';
import { printProgress } from './training-progress.js';
import { voicesCommand } from './voices.js';

/** Of scenes that are prepared at once: each holds all recordings, 1.2 GB of those of the packs here. */
const MOST_SHARDS = 4;

/**
 * `wakegate train ...`, from recordings to a pack; docs/reference/training.md walks through it. The defaults of most flags
 * are those of src/training, which is not loaded only to print them.
 */
export function trainCommand(command: Command): void {
  command.description('Train a model pack from recordings (docs/reference/training.md)');
  addExamples(command, {
    'wakegate train recordings --out data': 'Fetch public recordings, if you have none',
    'wakegate train prepare': 'First decode the recordings, and ask the teacher about them',
    'wakegate train heads --keywords alexa,jarvis --run .cache/mine': 'Then train the heads of your keywords',
    'wakegate train export --run .cache/mine --out models/mine --keywords alexa,jarvis':
      'Then write a pack that "wakegate run --model models/mine" listens with',
  });
  recordingsCommand(command.command('recordings'));
  voicesCommand(command.command('voices'));
  bankCommand(command.command('bank'));
  secondCommand(command.command('second'));
  withCache(command.command('prepare'))
    .description('Decode the recordings, join them into scenes and ask the teacher about them (once)')
    .option(
      '--shard <i/n>',
      'Only every n-th scene, starting with i (default: all of them, on all cores)',
      parsePart,
    )
    .action(prepare);
  command
    .command('speak')
    .description('Synthesize keywords that you have no recordings of, and add them to the manifest')
    .requiredOption('--keywords <names>', 'Separated by commas; _ is spoken as a space', parseNames)
    .option(
      '--clips <n>',
      'Clips of each for train; a quarter as many, with other voices, are made for dev',
      parseWhole,
      100,
    )
    .option('--seed <n>', 'Seed of the random numbers', parseWhole, 1)
    .addOption(
      new Option(
        '--by <voices>',
        'programs: flite, festival and espeak-ng; kokoro: a neural synthesizer, once "train voices" has fetched it',
      )
        .choices(['programs', 'kokoro'])
        .default('programs'),
    )
    .action(speak);
  withCache(command.command('trunk'))
    .description('Distil the teacher into the trunk; resumes from the last checkpoint')
    .option('--seed <n>', 'Seed of the random numbers', parseWhole)
    .option('--steps <n>', 'Number of steps', parseWhole)
    .option('--beta <x>', 'Weight of the compressed activations in the loss', parseNonNegative)
    .action(trainTrunk);
  withCache(command.command('restart'))
    .description('Turn a pack back into a run that "train heads" continues from')
    .argument('<pack>', 'Its folder, such as models/wake-words-en')
    .requiredOption('--run <dir>', 'Folder for its weights')
    .action(restart);
  withKokoroClips(withCache(command.command('heads')))
    .description('Train gate and keyword head on the trunk, then all of it together')
    .option('--keywords <names>', 'Separated by commas (default: the eight of wake-words-en)', parseNames)
    .option('--seed <n>', 'Seed of the random numbers', parseWhole)
    .option('--steps <n>', 'Number of steps', parseWhole)
    .option('--trunk <dir>', 'Checkpoint of the trunk')
    .option('--run <dir>', 'Folder of this run')
    .option('--init <file>', 'Weights of an earlier run to continue from')
    .option(
      '--fold <i/n>',
      'Leave out one of n folds of the speakers, to count false accepts on it',
      parsePart,
    )
    .option('--gate-only', 'Train nothing but the gate of earlier weights (--init)')
    .option('--without-voices', 'Train on recordings only, without synthesized voices')
    .option(
      '--more <folders...>',
      'More recordings, with a manifest.csv; prepared with --cache CACHE/more, CACHE/more-2, ...',
    )
    .option('--mistakes <path>', 'What an earlier network took for keywords')
    .option(
      '--narrow <x>',
      'Share of sound that goes through the band of a telephone or headset',
      parseNonNegative,
    )
    .option('--clipped <x>', 'Share of sound that is too loud for its microphone', parseNonNegative)
    .option(
      '--windows <counts>',
      'Windows of each batch, such as 40,24,28,48: with a keyword, other words, noise, scenes',
      parseWindows,
    )
    .option('--hard <n>', 'Windows of each batch that are hard negatives', parseWhole)
    .option('--head-steps <n>', 'Steps at the start that train only the heads', parseWhole)
    .option('--learning-rate <x>', 'Highest learning rate', parseNonNegative)
    .action(trainHeads);
  command
    .command('average')
    .description('Average the weights of runs, each of which continued the one before')
    .argument('<runs...>', 'Their folders')
    .requiredOption('--run <dir>', 'Folder for the average, to export from')
    .action(averageRuns);
  withCache(command.command('export'))
    .description('Calibrate a run on recordings that it was not trained on, and write it as a pack')
    .requiredOption('--run <dir>', 'Folder of the run')
    .option('--folds <dir...>', 'Runs that each left out a fold of the speakers', [])
    .requiredOption('--out <dir>', 'Folder of the pack, such as models/wake-words-en')
    .option('--keywords <names>', 'Keywords of the run, in its order', parseNames)
    .option('--trunk <dir>', 'Checkpoint of the trunk')
    .option('--description <text>', 'Description of the pack (default: its keywords)')
    .option('--more <folders...>', 'More recordings to calibrate on, with a manifest.csv')
    .option('--false-stops <x>', 'Share of keywords that the gate may stop', parseNonNegative, 0.01)
    .option(
      '--noisy-false-stops <x>',
      'Share of keywords in noise (10 dB) that it may stop',
      parseNonNegative,
    )
    .option(
      '--as-counted',
      'Hold the counted share to this limit, not its 95 % upper bound (Clopper-Pearson)',
    )
    .option('--false-accepts <x>', 'False accepts per hour, all keywords together', parseNonNegative, 0.4)
    .option('--made <json>', 'Provenance to record in the pack', parseJson, {})
    .action(exportPack);
  command
    .command('curve')
    .description('Draw the learning curve of a run, finished or not')
    .argument('<run>', 'Its folder, such as .cache/trunk-1')
    .action(drawCurve);
}

function withCache(command: Command): Command {
  return command.option('--cache <dir>', 'Folder of the prepared data', '.cache');
}

interface Part {
  readonly index: number;
  readonly of: number;
}

async function prepare({ cache, shard }: { readonly cache: string; readonly shard?: Part }): Promise<void> {
  await checkedRecordings();
  if (shard) {
    const { prepareScenes } = await import('../training/corpus/distillation-set.js');
    for (const set of ['dev', 'train', 'train-paced'] as const) {
      await prepareScenes(set, cache, 11, shard, printProgress);
    }
    return;
  }
  // Decoded once, before the shards would each do it.
  const { readCorpus } = await import('../training/corpus/corpus.js');
  for (const split of ['dev', 'train'] as const) {
    await readCorpus(split, cache, { onProgress: printProgress });
  }
  const of = Math.min(MOST_SHARDS, availableParallelism());
  await Promise.all(Array.from({ length: of }, (_, index) => prepareApart(cache, { index, of })));
}

/** A shard in a process of its own. */
async function prepareApart(cache: string, { index, of }: Part): Promise<void> {
  const shard = ['--shard', `${index}/${of}`];
  const child = fork(process.argv[1], ['train', 'prepare', '--cache', cache, ...shard]);
  const [code, signal] = await once(child, 'exit');
  if (code === 0) return;
  throw new WakegateError(
    'WG_DATA_INVALID',
    `preparing scenes ended with ${signal ?? code} (see the message above): run the command again to continue`,
  );
}

interface SpeakOptions {
  readonly keywords: readonly string[];
  readonly clips: number;
  readonly seed: number;
  readonly by: Speakers;
}

async function speak(options: SpeakOptions): Promise<void> {
  const [{ addSpoken }, { dataDirectory }] = await Promise.all([
    import('../training/corpus/speak.js'),
    import('../training/corpus/corpus.js'),
  ]);
  const { train, dev } = await addSpoken({
    ...options,
    data: dataDirectory(),
    onProgress: printProgress,
  });
  console.error(`added ${train} clips to train and ${dev} to dev, of ${options.keywords.join(', ')}`);
}

interface TrunkOptions {
  readonly cache: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly beta?: number;
}

async function trainTrunk(options: TrunkOptions): Promise<void> {
  await checkedRecordings();
  await openTrainingBackend();
  const trunk = await import('../training/fit/trunk.js');
  const settings = { ...trunk.TRUNK, ...options };
  await trunk.trainTrunk(settings, { onProgress: printProgress });
  await drawCurveIfPossible(trunk.trunkRun(settings));
}

async function restart(
  pack: string,
  { cache, run }: { readonly cache: string; readonly run: string },
): Promise<void> {
  await openTrainingBackend();
  const { restartFromPack } = await import('../training/pack/restart.js');
  await restartFromPack(pack, cache, run);
}

interface HeadsOptions {
  readonly cache: string;
  readonly keywords?: readonly string[];
  readonly seed?: number;
  readonly steps?: number;
  readonly trunk?: string;
  readonly run?: string;
  readonly init?: string;
  readonly gateOnly?: boolean;
  readonly withoutVoices?: boolean;
  readonly kokoro?: number;
  readonly more?: readonly string[];
  readonly mistakes?: string;
  readonly narrow?: number;
  readonly clipped?: number;
  readonly windows?: WindowCounts;
  readonly hard?: number;
  readonly fold?: Part;
  readonly headSteps?: number;
  readonly learningRate?: number;
}

async function trainHeads({
  withoutVoices,
  kokoro,
  gateOnly,
  more = [],
  narrow,
  clipped,
  windows,
  ...options
}: HeadsOptions): Promise<void> {
  const [recordings, { checkAudible, checkEnough }, { readCorpus }] = await Promise.all([
    checkedRecordings(),
    import('../training/corpus/check-recordings.js'),
    import('../training/corpus/corpus.js'),
  ]);
  const [{ GATE_ONLY, HEADS, trainHeads }, { withKokoro }] = await Promise.all([
    import('../training/fit/heads.js'),
    import('../training/corpus/spoken-words.js'),
  ]);
  const keywords = options.keywords ?? HEADS.keywords;
  const added = (await Promise.all(more.map(manifestOf))).flat();
  checkEnough([...recordings, ...added], keywords);
  await openTrainingBackend();
  for (const split of ['train', 'dev'] as const) {
    const clips = await readCorpus(split, options.cache, { onProgress: printProgress });
    checkAudible(clips.filter(({ label }) => keywords.includes(label)));
  }
  const standard = { ...HEADS, ...(gateOnly && GATE_ONLY) };
  const settings = {
    ...standard,
    ...options,
    voices: withKokoro(withoutVoices ? { keyword: 0, near: 0 } : HEADS.voices, kokoro),
    more: moreRecordings(more, options.cache),
    counts: windows ?? standard.counts,
    augment: {
      ...standard.augment,
      ...(narrow !== undefined && { narrow }),
      ...(clipped !== undefined && { clipped }),
    },
  };
  await trainHeads(settings, { onProgress: printProgress });
  await drawCurveIfPossible(settings.run);
}

async function averageRuns(runs: readonly string[], { run }: { readonly run: string }): Promise<void> {
  const { meanOfWeights, readWeightMap, writeWeights } = await import('../training/network/weights.js');
  const weights = await Promise.all(runs.map((of) => readWeightMap(join(of, 'averaged.bin'))));
  await mkdir(run, { recursive: true });
  await writeWeights(join(run, 'averaged.bin'), meanOfWeights(weights));
  // Export reads the fold from the settings, which the runs share.
  await copyFile(join(runs[0], 'settings.json'), join(run, 'settings.json'));
}

interface ExportOptions {
  readonly cache: string;
  readonly run: string;
  readonly folds: readonly string[];
  readonly out: string;
  readonly keywords?: readonly string[];
  readonly description?: string;
  readonly trunk?: string;
  readonly more?: readonly string[];
  readonly falseStops: number;
  readonly noisyFalseStops?: number;
  readonly asCounted?: boolean;
  readonly falseAccepts: number;
  readonly made: Record<string, unknown>;
}

async function exportPack({
  folds,
  falseAccepts,
  trunk,
  asCounted,
  more = [],
  noisyFalseStops,
  ...options
}: ExportOptions): Promise<void> {
  const [{ exportRun }, { HEADS }] = await Promise.all([
    import('../training/pack/export-run.js'),
    import('../training/fit/heads.js'),
  ]);
  const keywords = options.keywords ?? HEADS.keywords;
  const exported = await exportRun({
    ...options,
    keywords,
    name: basename(options.out),
    description: options.description ?? `English keywords: ${keywords.join(', ')}`,
    trunk: trunk ?? HEADS.trunk,
    foldRuns: folds,
    more: moreRecordings(more, options.cache),
    noisyFalseStops: noisyFalseStops ?? null,
    falseAcceptsPerHour: falseAccepts,
    confident: asCounted !== true,
  });
  console.error(JSON.stringify(exported, null, 2));
}

/** At the end of a run, which is as good without its picture. */
async function drawCurveIfPossible(run: string): Promise<void> {
  try {
    await drawCurve(run);
  } catch (error) {
    if (!(error instanceof WakegateError) || error.code !== 'WG_PROGRAM_MISSING') throw error;
    console.error(`${error.message}; then draw the learning curve with \`wakegate train curve ${run}\``);
  }
}

async function drawCurve(run: string): Promise<void> {
  const { drawLearningCurve } = await import('../training/figures/learning-curve.js');
  console.error(`drawn: ${await drawLearningCurve(run)}`);
}

/** The recordings of the data folder, checked. */
async function checkedRecordings() {
  const { dataDirectory } = await import('../training/corpus/corpus.js');
  return manifestOf(dataDirectory());
}

async function manifestOf(data: string) {
  const { readManifest } = await import('../training/corpus/manifest.js');
  return readManifest(join(data, 'manifest.csv'));
}

async function openTrainingBackend(): Promise<void> {
  const [{ openBackend }, { useNativeGradients }] = await Promise.all([
    import('../classifier/index.js'),
    import('../training/network/native-kernels.js'),
  ]);
  await openBackend('node');
  useNativeGradients();
}

function parsePart(text: string): Part {
  const [index, of] = text.split('/').map(Number);
  if (Number.isInteger(index) && Number.isInteger(of) && index >= 0 && index < of) return { index, of };
  throw new InvalidArgumentError('Give i/n, such as 0/2.');
}

function parseWindows(text: string): WindowCounts {
  const counts = text.split(',').map(parseWhole);
  const [keyword, other, noise, scene] = counts;
  if (counts.length === 4 && keyword > 0) return { keyword, other, noise, scene };
  throw new InvalidArgumentError('Give four whole numbers with commas between them, such as 40,24,28,48.');
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WakegateError('WG_USAGE', `--made ${text} is not JSON`, { cause });
  }
}
