import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ConfigKey, loadConfig } from '../config/index.js';
import { WakegateError } from '../errors.js';
import type { ModelPack } from '../model/index.js';
import type { Condition } from '../training/conditions/condition.js';
import type { Recording } from '../training/corpus/manifest.js';
import { addConfigFlags, givenFlags } from './config-flags.js';
import { addExamples } from './examples.js';
import { ProgressBar } from './progress-bar.js';

/** For the help, which does not load the training. */
const CONDITIONS =
  'snr10 (dB), band8k, band11k, band12k, telephone, telephone-alaw, opus16k (kbit/s), mp3, far5m, clip, gain-20 (dB), or all';

const KEYS = ['model', 'backend', 'levelGate', 'secondLook'] as const satisfies readonly ConfigKey[];

interface EvalOptions extends Partial<Record<ConfigKey, string>> {
  readonly manifest: readonly string[];
  readonly split: Recording['split'] | 'all';
  readonly noiseSnr: readonly number[];
  readonly conditions: readonly string[];
  readonly charts?: string;
  readonly failures?: string;
  readonly folds: readonly string[];
  readonly json?: boolean;
  readonly config?: string;
}

export function evalCommand(command: Command): void {
  command
    .description('Measure a model pack on recordings: misses, false accepts, gate, compression, cost')
    .requiredOption(
      '--manifest <csv...>',
      'Recordings: CSV with columns path, split, kind (word, speech, noise, music), label, corpus, speaker; takes several files',
    )
    .addOption(splitOption('dev'))
    .option('--noise-snr <dB...>', 'The same as --conditions snr<dB>; takes several levels', parseLevels, [])
    .option(
      '--conditions <names>',
      `Hear the keywords again under these conditions, with commas between them: ${CONDITIONS}`,
      parseConditions,
      [],
    )
    .option(
      '--failures <dir>',
      'Write lists of what was missed and of false accepts, and their sound, so that you can listen to them',
    )
    .option(
      '--folds <packs...>',
      'Cross-fitted: packs of the same recipe, each measured on corpora that the pack learned from and it did not',
      [],
    )
    .option('--charts <dir>', 'Draw misses against false accepts, and what the gate stops, as SVG')
    .option('--json', 'Print JSON, with exact numbers, instead of Markdown tables');
  addConfigFlags(command, KEYS).action(evaluatePack);
  addExamples(command, {
    'wakegate eval --manifest data/manifest.csv --split test': 'Measure the pack that comes with wakegate',
    'wakegate eval --manifest data/manifest.csv --model ./my-pack --noise-snr 10 0 --charts charts':
      'Measure your pack, in noise too, and draw charts',
    'wakegate eval --manifest data/manifest.csv more/manifest.csv --conditions snr10,band8k,far5m,opus16k':
      'Over two lists of recordings, and in noise, from a narrow band, from five metres away, and from a call',
    'wakegate eval --manifest data/manifest.csv --conditions all --failures failures':
      'In all usual conditions, and keep the sound of what went wrong',
  });
}

/** Which recordings of a manifest. */
export function splitOption(standard: EvalOptions['split']): Option {
  return new Option('--split <name>', 'Which recordings of the manifest')
    .choices(['train', 'dev', 'test', 'all'])
    .default(standard);
}

async function evaluatePack(options: EvalOptions): Promise<void> {
  const { model, backend, levelGate, secondLook } = await loadConfig({
    file: options.config,
    flags: givenFlags({ ...options }, KEYS),
  });
  const [
    { readPack, resolvePack },
    { readClips },
    { hearAll },
    { learnedDevCorpora },
    { evaluate },
    { writeFailures },
    { asMarkdown },
    { drawEvaluation },
    { loadVega },
  ] = await Promise.all([
    import('../model/index.js'),
    import('../training/corpus/manifest-clips.js'),
    import('../training/evaluation/hear-all.js'),
    import('../training/evaluation/fold-packs.js'),
    import('../training/evaluation/evaluate.js'),
    import('../training/evaluation/failures.js'),
    import('../training/evaluation/evaluation-text.js'),
    import('../training/figures/evaluation-pictures.js'),
    import('../training/figures/vega.js'),
  ]);
  const pack = await readPack(await resolvePack(model));
  const folds: ModelPack[] = [];
  for (const fold of options.folds) folds.push(await readPack(await resolvePack(fold)));
  // Before it listens for minutes.
  if (options.charts !== undefined) await loadVega();
  const conditions = await chosenConditions(options);
  const clips = await readClips(options.manifest, options.split);
  const learned = learnedDevCorpora(pack).filter((name) => clips.some(({ corpus }) => corpus === name));
  if (learned.length > 0 && folds.length === 0) {
    console.error(
      `${pack.name} learned from ${learned.join(', ')}: what is measured on them flatters it; --folds names packs that did not`,
    );
  }
  let progress: ProgressBar | undefined;
  const heard = await hearAll(pack, clips, {
    backend,
    levelGate,
    conditions,
    secondLook,
    folds,
    onProgress: (_done, of) => {
      progress ??= new ProgressBar(of);
      progress.advance();
    },
  });
  progress?.clear();
  const evaluation = evaluate(pack, heard);
  const charts = options.charts === undefined ? [] : await drawEvaluation(evaluation, options.charts);
  process.stdout.write(`${options.json ? JSON.stringify(evaluation, null, 2) : asMarkdown(evaluation)}\n`);
  const lists = options.failures === undefined ? [] : await writeFailures(heard, options.failures);
  for (const path of [...charts, ...lists]) console.error(`wrote ${path}`);
}

async function chosenConditions({ noiseSnr, conditions }: EvalOptions): Promise<Condition[]> {
  const { conditionOf, CONDITION_NAMES, USUAL_CONDITIONS } = await import(
    '../training/conditions/condition.js'
  );
  const asked = conditions.flatMap((name) => (name === 'all' ? USUAL_CONDITIONS : [name]));
  const names = new Set([...noiseSnr.map((db) => `snr${db}`), ...asked]);
  // Keywords are heard as they are in any case.
  names.delete('clean');
  return [...names].map((name) => {
    const condition = conditionOf(name);
    if (condition) return condition;
    throw new WakegateError(
      'WG_USAGE',
      `--conditions: there is no condition "${name}"; there are all; clean; ${CONDITION_NAMES}`,
    );
  });
}

function parseConditions(text: string, before: readonly string[]): string[] {
  return [...before, ...text.split(',').map((name) => name.trim())];
}

function parseLevels(text: string, before: readonly number[]): number[] {
  const level = Number(text);
  if (text.trim() === '' || !(level >= -30 && level <= 60)) {
    throw new InvalidArgumentError('Give numbers from -30 to 60.');
  }
  return [...before, level];
}
