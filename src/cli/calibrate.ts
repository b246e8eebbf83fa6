import { type Command, InvalidArgumentError } from 'commander';
import type { Recording } from '../training/corpus/manifest.js';
import { splitOption } from './eval.js';
import { addExamples } from './examples.js';
import { parseNonNegative } from './option-values.js';
import { printable } from './printable.js';

interface CalibrateOptions {
  readonly model: string;
  readonly manifest: string;
  readonly split: Recording['split'] | 'all';
  readonly falseStops: number;
  readonly asCounted?: boolean;
  readonly falseAccepts: number;
  readonly json?: boolean;
}

export function calibrateCommand(command: Command): void {
  command
    .description('Choose the thresholds of a model pack again, on your recordings, and write them into it')
    .requiredOption('--model <dir>', 'Folder of the pack, or the name of one that comes with wakegate')
    .requiredOption('--manifest <csv>', 'Recordings that the pack was not trained on; columns as for eval')
    .addOption(splitOption('dev'))
    .option('--false-stops <share>', 'Share of keyword recordings that the gate may stop', parseShare, 0.01)
    .option(
      '--as-counted',
      'Hold the counted share to this limit, not its 95 % upper bound (Clopper-Pearson)',
    )
    .option('--false-accepts <n>', 'False accepts per hour, all keywords together', parseNonNegative, 0.4)
    .option('--json', 'Print JSON, with exact numbers')
    .action(calibrate);
  addExamples(command, {
    'wakegate calibrate --model ./my-pack --manifest data/manifest.csv --false-accepts 0.2':
      'Allow one false accept in five hours',
  });
}

async function calibrate(options: CalibrateOptions): Promise<void> {
  const [{ resolvePack }, { readClips }, { calibratePack }] = await Promise.all([
    import('../model/index.js'),
    import('../training/corpus/manifest-clips.js'),
    import('../training/pack/calibrate-pack.js'),
  ]);
  const directory = await resolvePack(options.model);
  const clips = await readClips(options.manifest, options.split);
  const { gate, thresholds } = await calibratePack(directory, clips, {
    falseStops: options.falseStops,
    confident: options.asCounted !== true,
    falseAcceptsPerHour: options.falseAccepts,
  });
  if (options.json) {
    console.log(JSON.stringify({ gate, thresholds }, null, 2));
    return;
  }
  const chosen = gate.curve.find(({ threshold }) => threshold === gate.threshold);
  const bound = chosen ? `, false stops ${(100 * chosen.falseStopRate).toFixed(1)} %` : '';
  console.log(`gate: threshold ${gate.threshold.toFixed(3)}${bound}`);
  for (const [name, threshold] of Object.entries(thresholds)) {
    console.log(`${printable(name)}: threshold ${threshold.toFixed(3)}`);
  }
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share > 0 && share < 1) return share;
  throw new InvalidArgumentError('Give a number over 0 and under 1, such as 0.01.');
}
