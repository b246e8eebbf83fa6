import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ConfigKey, loadConfig } from '../config/index.js';
import type { Recording } from '../training/corpus/manifest.js';
import { addConfigFlags, givenFlags } from './config-flags.js';
import { addExamples } from './examples.js';
import { ProgressBar } from './progress-bar.js';

const KEYS = ['model', 'backend', 'levelGate'] as const satisfies readonly ConfigKey[];

interface EvalOptions extends Partial<Record<ConfigKey, string>> {
  readonly manifest: string;
  readonly split: Recording['split'] | 'all';
  readonly noiseSnr: readonly number[];
  readonly charts?: string;
  readonly json?: boolean;
  readonly config?: string;
}

export function evalCommand(command: Command): void {
  command
    .description('Measure a model pack on recordings: misses, false accepts, gate, compression, cost')
    .requiredOption(
      '--manifest <csv>',
      'Recordings: CSV with columns path, split, kind (word, speech, noise, music), label, corpus, speaker',
    )
    .addOption(splitOption('dev'))
    .option(
      '--noise-snr <dB...>',
      'Measure again with noise from the manifest, so many dB below the keywords; takes several levels',
      parseLevels,
      [],
    )
    .option('--charts <dir>', 'Draw misses against false accepts, and what the gate stops, as SVG')
    .option('--json', 'Print JSON, with exact numbers, instead of Markdown tables');
  addConfigFlags(command, KEYS).action(evaluatePack);
  addExamples(command, {
    'wakegate eval --manifest data/manifest.csv --split test': 'Measure the pack that comes with wakegate',
    'wakegate eval --manifest data/manifest.csv --model ./my-pack --noise-snr 10 0 --charts charts':
      'Measure your pack, in noise too, and draw charts',
  });
}

/** Which recordings of a manifest. */
export function splitOption(standard: EvalOptions['split']): Option {
  return new Option('--split <name>', 'Which recordings of the manifest')
    .choices(['train', 'dev', 'test', 'all'])
    .default(standard);
}

async function evaluatePack(options: EvalOptions): Promise<void> {
  const { model, backend, levelGate } = await loadConfig({
    file: options.config,
    flags: givenFlags({ ...options }, KEYS),
  });
  const [
    { readPack, resolvePack },
    { readClips },
    { evaluate },
    { asMarkdown },
    { drawEvaluation },
    { loadVega },
  ] = await Promise.all([
    import('../model/index.js'),
    import('../training/corpus/manifest-clips.js'),
    import('../training/evaluation/evaluate.js'),
    import('../training/evaluation/evaluation-text.js'),
    import('../training/figures/evaluation-pictures.js'),
    import('../training/figures/vega.js'),
  ]);
  const pack = await readPack(await resolvePack(model));
  // Before it listens for minutes.
  if (options.charts !== undefined) await loadVega();
  const clips = await readClips(options.manifest, options.split);
  let progress: ProgressBar | undefined;
  const evaluation = await evaluate(pack, clips, {
    backend,
    levelGate,
    snrDb: options.noiseSnr,
    onProgress: (_done, of) => {
      progress ??= new ProgressBar(of);
      progress.advance();
    },
  });
  progress?.clear();
  const charts = options.charts === undefined ? [] : await drawEvaluation(evaluation, options.charts);
  process.stdout.write(`${options.json ? JSON.stringify(evaluation, null, 2) : asMarkdown(evaluation)}\n`);
  for (const path of charts) console.error(`wrote ${path}`);
}

function parseLevels(text: string, before: readonly number[]): number[] {
  const level = Number(text);
  if (text.trim() === '' || !(level >= -30 && level <= 60)) {
    throw new InvalidArgumentError('Give numbers from -30 to 60.');
  }
  return [...before, level];
}
