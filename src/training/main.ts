import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { openBackend } from '../classifier/index.js';
import { WakegateError } from '../errors.js';
import { readPack, resolvePack } from '../model/index.js';
import { readCorpus } from './corpus.js';
import { prepareScenes } from './distillation-set.js';
import { asMarkdown, evaluate } from './evaluate.js';
import { exportRun } from './export-run.js';
import type { Fold } from './folds.js';
import { JOINT, trainJoint, WAKE_WORDS } from './joint.js';
import { TRUNK, trainTrunk } from './trunk.js';

/** `npm run train -- ...`: from recordings to a pack. docs/training.md walks through it. */

const program = new Command('train').description('Trains model packs. See docs/training.md.');

/** @throws WakegateError WG_USAGE unless it is "i/n" with 0 <= i < n */
function parseFold(text: string): Fold {
  const [index, of] = text.split('/').map(Number);
  if (of >= 1 && index >= 0 && index < of) return { index, of };
  throw new WakegateError('WG_USAGE', `${text} is no part of a whole: give i/n, such as 0/2`);
}

program
  .command('prepare')
  .description('decode the recordings, join them into scenes and ask the teacher about them (once)')
  .option('--cache <dir>', 'where prepared data is kept', '.cache')
  .option('--shard <i/n>', 'only every n-th scene, from i on, to use several cores', parseFold, {
    index: 0,
    of: 1,
  })
  .action(async ({ cache, shard }: { cache: string; shard: Fold }) => {
    for (const split of ['dev', 'train'] as const) await prepareScenes(split, cache, 11, shard);
  });

program
  .command('trunk')
  .description('distil the teacher into the trunk; resumes from its last checkpoint')
  .option('--seed <n>', 'seed', Number, TRUNK.seed)
  .option('--steps <n>', 'steps in all', Number, TRUNK.steps)
  .option('--beta <x>', 'weight of the compressed activations in the loss', Number, TRUNK.beta)
  .option('--cache <dir>', 'prepared data, and where the checkpoint is kept', '.cache')
  .action(async (options: Partial<typeof TRUNK>) => {
    await openBackend('node');
    await trainTrunk({ ...TRUNK, ...options });
  });

program
  .command('keywords')
  .description('train gate and keyword head on the trunk, then all of it together')
  .option('--seed <n>', 'seed', Number, JOINT.seed)
  .option('--steps <n>', 'steps in all', Number, JOINT.steps)
  .option('--trunk <dir>', 'checkpoint of the trunk', JOINT.trunk)
  .option('--run <dir>', 'where this run is kept', JOINT.run)
  .option('--init <file>', 'weights of an earlier run to go on from')
  .option(
    '--fold <i/n>',
    'leave out one of n folds of the speakers, to count false accepts on it',
    parseFold,
    null,
  )
  .option('--head-steps <n>', 'steps at the start in which only the heads move', Number, JOINT.headSteps)
  .option('--learning-rate <x>', 'highest learning rate', Number, JOINT.learningRate)
  .option('--cache <dir>', 'prepared data', '.cache')
  .action(async (options: Partial<typeof JOINT>) => {
    await openBackend('node');
    await trainJoint({ ...JOINT, ...options });
  });

program
  .command('export')
  .description('calibrate a trained run on what it has not heard, and write it as a pack')
  .requiredOption('--run <dir>', 'the run')
  .option('--folds <dir...>', 'runs that each left out a fold of the speakers, in order of their folds', [])
  .requiredOption('--out <dir>', 'folder of the pack, such as models/wake-words-en')
  .option('--keywords <a,b,...>', 'the keywords of the run, in its order', WAKE_WORDS.join(','))
  .option('--name <name>', 'name of the pack; that of its folder where missing')
  .option('--description <text>', 'description of the pack; its keywords where missing')
  .option('--trunk <dir>', 'checkpoint of the trunk', JOINT.trunk)
  .option('--cache <dir>', 'prepared data', '.cache')
  .option('--false-stops <x>', 'share of keywords that the gate may stop, at 95 % confidence', Number, 0.01)
  .option('--false-accepts <x>', 'false accepts per hour, all keywords together', Number, 0.4)
  .option('--made <json>', 'provenance to record', '{}')
  .action(async ({ folds, falseAccepts, keywords, made, ...options }) => {
    const name = options.name ?? basename(options.out);
    const calibration = await exportRun({
      ...options,
      name,
      description: options.description ?? `English keywords: ${keywords.replaceAll(',', ', ')}`,
      keywords: keywords.split(','),
      foldRuns: folds,
      falseAcceptsPerHour: falseAccepts,
      made: JSON.parse(made),
    });
    console.log(JSON.stringify(calibration, null, 2));
  });

program
  .command('evaluate')
  .description('figures of a pack on dev, from the same pipeline as the daemon')
  .argument('<pack>', 'name or folder')
  .option('--json', 'JSON instead of Markdown tables', false)
  .option('--snr <db...>', 'add noise to the keywords at these levels', ['10', '0'])
  .addOption(new Option('--level-gate <on|off>').choices(['on', 'off']).default('on'))
  .addOption(new Option('--backend <name>').choices(['auto', 'node', 'wasm']).default('wasm'))
  .option('--cache <dir>', 'prepared data', '.cache')
  .action(async (name: string, options) => {
    const pack = await readPack(await resolvePack(name));
    const { backend, levelGate } = options;
    const snrDb = options.snr.map(Number);
    const figures = await evaluate(pack, await readCorpus('dev', options.cache), {
      backend,
      levelGate,
      snrDb,
    });
    console.log(options.json ? JSON.stringify(figures, null, 2) : asMarkdown(figures));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof WakegateError)) throw error;
  console.error(`train: [${error.code}] ${error.message}`);
  process.exitCode = error.exitCode;
}
