import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import type { Clip } from '../training/corpus/corpus.js';
import type { RecordingSet } from '../training/feed/background.js';
import { parseNames, parseNonNegative, parseWhole } from './option-values.js';
import { moreRecordings, withKokoroClips } from './training-options.js';
import { printProgress } from './training-progress.js';

/** `wakegate train second ...`: the network of the second look, from prepared scenes to a pack that has it. */
export function secondCommand(command: Command): void {
  command.description('Train the second look of a pack (docs/reference/training.md)');
  withCache(command.command('trunk'))
    .description('Distil the teacher into its network. Continues from its last checkpoint')
    .option('--run <dir>', 'where this run is kept')
    .option('--seed <n>', 'seed', parseWhole)
    .option('--steps <n>', 'steps in all', parseWhole)
    .option('--learning-rate <x>', 'highest learning rate', parseNonNegative)
    .option('--init <dir>', 'network to continue from, such as "second restart" writes')
    .action(distil);
  command
    .command('teacher')
    .description('Take the teacher itself, as fetched, in place of a distillation')
    .requiredOption('--run <dir>', 'folder for its weights')
    .action(async ({ run }: { readonly run: string }) => {
      const { writeSpeechEmbeddingTrunk } = await import('../training/fit/speech-embedding-trunk.js');
      await writeSpeechEmbeddingTrunk(run);
    });
  command
    .command('head')
    .description('Keep the keyword head of a pack whose second look is the teacher, beside another pack')
    .requiredOption('--model <dir>', 'the pack that has it')
    .requiredOption('--to <dir>', 'folder of the pack that comes with it')
    .action(async ({ model, to }: { readonly model: string; readonly to: string }) => {
      const [{ writeTeacherHead }, { resolvePack }] = await Promise.all([
        import('../training/pack/teacher-head.js'),
        import('../model/index.js'),
      ]);
      await writeTeacherHead(await resolvePack(model), to);
    });
  command
    .command('with-teacher')
    .description('Copy a pack, with the teacher as its second look, as fetched by "npm run teacher"')
    .option('--model <pack>', 'the pack', 'wake-words-en')
    .requiredOption('--out <dir>', 'folder of the copy')
    .action(async ({ model, out }: { readonly model: string; readonly out: string }) => {
      const [{ makePackWithTeacher }, { resolvePack }] = await Promise.all([
        import('../training/pack/teacher-head.js'),
        import('../model/index.js'),
      ]);
      await makePackWithTeacher(await resolvePack(model), out);
      console.error(`${out}: listen with it by --model ${out}`);
    });
  withCache(command.command('restart'))
    .description('Turn the second look of a pack back into a network that training continues from')
    .argument('<pack>', 'its folder, such as models/wake-words-en')
    .requiredOption('--run <dir>', 'folder for its weights')
    .action(restart);
  withCache(command.command('mistakes'))
    .description('Collect what a pack is wrong about in the train recordings without a keyword')
    .requiredOption('--model <dir>', 'the pack, with a second look')
    .requiredOption('--out <file>', 'where it is kept, without an extension')
    .option('--also-dev <corpora>', ALSO_DEV, parseNames, [])
    .action(mistakes);
  withKokoroClips(withCache(command.command('words')))
    .description('Train its keyword head, then all of it. Continues from its last checkpoint')
    .option(
      '--keywords <names>',
      'keywords of the pack, in its order (default: those of wake-words-en)',
      parseNames,
    )
    .option('--trunk <dir>', 'checkpoint of the distillation')
    .option('--run <dir>', 'where this run is kept')
    .option('--init <file>', 'weights of an earlier run to continue from')
    .option('--head <file>', 'weights of an earlier run, to take the keyword head of')
    .option('--mistakes <file>', 'what the first network is wrong about, as collected')
    .option('--also-dev <corpora>', ALSO_DEV, parseNames, [])
    .option('--without-voices', 'recordings only, without the voices of flite, festival and espeak-ng')
    .option('--hard <n>', 'windows of each batch that it was wrong about before', parseWhole)
    .option('--seed <n>', 'seed', parseWhole)
    .option('--steps <n>', 'steps in all', parseWhole)
    .option('--head-steps <n>', 'steps at the start in which only the head moves', parseWhole)
    .option('--learning-rate <x>', 'highest learning rate', parseNonNegative)
    .action(words);
  withCache(command.command('add'))
    .description(
      'Give a pack the second look of a run, or keep its own, and calibrate both on the dev recordings',
    )
    .requiredOption('--model <dir>', 'folder of the pack, which is changed')
    .option('--run <dir>', 'the run (default: the second look that the pack has stays)')
    .option(
      '--folds <runs...>',
      'runs of the same recipe, each measured on the corpora that it did not learn from',
      [],
    )
    .option('--trunk <dir>', 'checkpoint of the distillation')
    .option('--false-accepts <n>', 'in all of the dev recordings together, as counted', parseWhole, 2)
    .option(
      '--per-hour <x>',
      'instead: at most so many an hour by the upper end of their 95 % interval',
      parseNonNegative,
    )
    .option('--weight <x>', 'of the logit of the second look, in the sum with the first', parseNonNegative, 1)
    .option(
      '--lowest <p>',
      'how sure both have to be at least, by the mean of their logits (default: 0.9)',
      parseNonNegative,
    )
    .action(add);
}

const ALSO_DEV = 'corpora whose dev recordings are learned from too: this network cannot be measured on them';

function withCache(command: Command): Command {
  return command
    .option('--cache <dir>', 'prepared data', '.cache')
    .option('--data <dir>', 'recordings, with their manifest.csv')
    .option(
      '--more <dirs...>',
      'more recordings, with a manifest.csv; prepared with --cache CACHE/more, CACHE/more-2, ...',
    );
}

interface Common {
  readonly cache: string;
  readonly data?: string;
  readonly more?: readonly string[];
}

async function setsOf({ cache, data, more = [] }: Common): Promise<RecordingSet[]> {
  const { dataDirectory } = await import('../training/corpus/corpus.js');
  return [{ data: data ?? dataDirectory(), cache }, ...moreRecordings(more, cache)];
}

/** The recordings of a split, of all sets. */
async function clipsOf(split: 'train' | 'dev', options: Common): Promise<Clip[]> {
  const { readCorpus } = await import('../training/corpus/corpus.js');
  const clips: Clip[] = [];
  for (const { data, cache } of await setsOf(options))
    clips.push(...(await readCorpus(split, cache, { data })));
  return clips;
}

async function openTrainingBackend(): Promise<void> {
  const [{ openBackend }, { useNativeGradients }] = await Promise.all([
    import('../classifier/index.js'),
    import('../training/network/native-kernels.js'),
  ]);
  await openBackend('node');
  useNativeGradients();
}

async function distil({ cache, data, more, ...options }: Common & { readonly run?: string }): Promise<void> {
  await openTrainingBackend();
  const { distilSecond, SECOND_DISTILLATION } = await import('../training/fit/second-distillation.js');
  const sets = await setsOf({ cache, ...(data && { data }), ...(more && { more }) });
  await distilSecond({ ...SECOND_DISTILLATION, ...options, sets }, { onProgress: printProgress });
}

async function restart(pack: string, { run, ...common }: Common & { readonly run: string }): Promise<void> {
  await openTrainingBackend();
  const [{ restartSecondFromPack }, { resolvePack }] = await Promise.all([
    import('../training/pack/restart-second.js'),
    import('../model/index.js'),
  ]);
  await restartSecondFromPack(await resolvePack(pack), await setsOf(common), run);
}

interface WordsOptions extends Common {
  readonly alsoDev: readonly string[];
  readonly keywords?: readonly string[];
  readonly hard?: number;
  readonly run?: string;
  readonly withoutVoices?: boolean;
  readonly kokoro?: number;
}

async function words({ cache, data, more, withoutVoices, kokoro, ...options }: WordsOptions): Promise<void> {
  await openTrainingBackend();
  const [{ trainSecondKeywords, SECOND_KEYWORDS }, { withKokoro }, { secondShapeOf }] = await Promise.all([
    import('../training/fit/second-keywords.js'),
    import('../training/corpus/spoken-words.js'),
    import('../training/fit/speech-embedding-trunk.js'),
  ]);
  const sets = await setsOf({ cache, ...(data && { data }), ...(more && { more }) });
  const settings = {
    ...SECOND_KEYWORDS,
    ...options,
    voices: withKokoro(withoutVoices ? { keyword: 0, near: 0 } : SECOND_KEYWORDS.voices, kokoro),
    sets,
  };
  const shape = await secondShapeOf(settings.trunk);
  await trainSecondKeywords(settings, { shape, onProgress: printProgress });
}

interface MistakesOptions extends Common {
  readonly model: string;
  readonly out: string;
  readonly alsoDev: readonly string[];
}

async function mistakes(options: MistakesOptions): Promise<void> {
  const [{ readPack, resolvePack }, { findMistakes }, { writeMistakes }] = await Promise.all([
    import('../model/index.js'),
    import('../training/evaluation/find-mistakes.js'),
    import('../training/corpus/mistakes.js'),
  ]);
  const pack = await readPack(await resolvePack(options.model));
  const names = pack.keywords.map(({ name }) => name);
  const { readDevCorpora } = await import('../training/feed/background.js');
  const clips = [
    ...(await clipsOf('train', options)),
    ...(await readDevCorpora(options.alsoDev, await setsOf(options))),
  ].filter(({ label }) => !names.includes(label));
  const found = await findMistakes(pack, clips, (done, of) => {
    if (done % 500 === 0) console.error(`listened to ${done} of ${of}`);
  });
  await mkdir(dirname(options.out), { recursive: true });
  await writeMistakes(options.out, found);
  console.error(`${found.length} mistakes in ${clips.length} recordings`);
}

interface AddOptions extends Common {
  readonly model: string;
  readonly run?: string;
  readonly weight: number;
  readonly folds: readonly string[];
  readonly trunk?: string;
  readonly falseAccepts: number;
  readonly perHour?: number;
  readonly lowest?: number;
}

async function add(options: AddOptions): Promise<void> {
  const [{ SECOND_KEYWORDS }, { addCalibrated }, { resolvePack }] = await Promise.all([
    import('../training/fit/second-keywords.js'),
    import('../training/pack/add-calibrated.js'),
    import('../model/index.js'),
  ]);
  const calibrated = await addCalibrated({
    directory: await resolvePack(options.model),
    run: options.run ?? null,
    weight: options.weight,
    folds: options.folds,
    trunk: options.trunk ?? SECOND_KEYWORDS.trunk,
    clips: await clipsOf('dev', options),
    falseAccepts:
      options.perHour === undefined ? { count: options.falseAccepts } : { perHourAtMost: options.perHour },
    ...(options.lowest !== undefined && { lowest: options.lowest }),
  });
  console.log(JSON.stringify(calibrated, null, 2));
}
