import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { openBackend } from '../classifier/index.js';
import { WakegateError } from '../errors.js';
import { estimateZeroPrior } from '../gate/handoff.js';
import { readPack, resolvePack } from '../model/index.js';
import { calibrateGate, handoffWindows } from './calibrate.js';
import { calibrateKeywords } from './calibrate-keywords.js';
import { readCorpus } from './corpus.js';
import { prepareScenes } from './distillation-set.js';
import { asMarkdown, evaluate } from './evaluate.js';
import { exportPack, type PackChoices } from './export-pack.js';
import { JOINT, trainJoint, WAKE_WORDS } from './joint.js';
import { SHAPE } from './network.js';
import { TRUNK, trainTrunk } from './trunk.js';
import { readWeightMap } from './weights.js';

/** `npm run train -- ...`: from recordings to a pack. docs/training.md walks through it. */

const program = new Command('train').description('Trains model packs. See docs/training.md.');

program
  .command('prepare')
  .description('decode the recordings, join them into scenes and ask the teacher about them (once)')
  .option('--cache <dir>', 'where prepared data is kept', '.cache')
  .option('--shard <i/n>', 'only every n-th scene, from i on, to use several cores', '0/1')
  .action(async ({ cache, shard }: { cache: string; shard: string }) => {
    const [index, of] = shard.split('/').map(Number);
    if (!(of >= 1 && index >= 0 && index < of))
      throw new WakegateError('WG_USAGE', `--shard ${shard}: give i/n, such as 0/2`);
    for (const split of ['dev', 'train'] as const) await prepareScenes(split, cache, 11, { index, of });
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
  .option('--head-steps <n>', 'steps at the start in which only the heads move', Number, JOINT.headSteps)
  .option('--learning-rate <x>', 'highest learning rate', Number, JOINT.learningRate)
  .option('--cache <dir>', 'prepared data', '.cache')
  .action(async (options: Partial<typeof JOINT>) => {
    await openBackend('node');
    await trainJoint({ ...JOINT, ...options });
  });

program
  .command('export')
  .description('calibrate a trained run on dev and write it as a pack')
  .requiredOption('--run <dir>', 'the run')
  .requiredOption('--out <dir>', 'folder of the pack, such as models/wake-words-en')
  .option('--trunk <dir>', 'checkpoint of the trunk', JOINT.trunk)
  .option('--cache <dir>', 'prepared data', '.cache')
  .option('--false-stops <x>', 'share of positives that the gate may stop', Number, 0.01)
  .option('--made <json>', 'provenance to record', '{}')
  .action(exportRun);

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

interface ExportOptions {
  readonly run: string;
  readonly out: string;
  readonly trunk: string;
  readonly cache: string;
  readonly falseStops: number;
  readonly made: string;
}

async function exportRun(options: ExportOptions): Promise<void> {
  await openBackend('wasm');
  const weights = await readWeightMap(join(options.run, 'averaged.bin'));
  const { mfcc } = JSON.parse(await readFile(join(options.trunk, 'standardization.json'), 'utf8'));
  const keywords: readonly string[] = WAKE_WORDS;
  const write = (
    choices: Pick<PackChoices, 'gateThreshold' | 'gateCurve' | 'thresholds'> & { zeroPrior?: Uint8Array },
  ) =>
    exportPack(options.out, SHAPE, weights, mfcc, keywords, {
      name: 'wake-words-en',
      description: `English wake words: ${keywords.join(', ')}`,
      made: JSON.parse(options.made),
      ...choices,
    });
  const draft = await write({ gateThreshold: 0.5, thresholds: 0.99 });
  const isKeyword = ({ label }: { label: string }) => keywords.includes(label);
  const train = (await readCorpus('train', options.cache)).filter(isKeyword);
  const zeroPrior = estimateZeroPrior(handoffWindows(draft, train), draft.compression.channels);
  const dev = await readCorpus('dev', options.cache);
  const positives = dev.filter(isKeyword);
  const negatives = dev.filter(({ kind }) => kind !== 'word');
  const gate = calibrateGate(draft, positives, negatives, options.falseStops, false);
  const gateChoices = { gateThreshold: gate.threshold, gateCurve: gate.curve, zeroPrior };
  const gated = await write({ ...gateChoices, thresholds: 0.99 });
  const thresholds = await calibrateKeywords(gated, positives, negatives);
  await write({ ...gateChoices, thresholds });
  console.error(
    JSON.stringify(
      { gate: gate.curve.find((point) => point.threshold === gate.threshold), thresholds },
      null,
      2,
    ),
  );
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof WakegateError)) throw error;
  console.error(`train: [${error.code}] ${error.message}`);
  process.exitCode = error.exitCode;
}
