import { type Command, InvalidArgumentError } from 'commander';
import type { Recording } from '../training/corpus/manifest.js';
import { splitOption } from './eval.js';
import { parseNonNegative } from './option-values.js';

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
    .description('choose the thresholds of a model pack anew, on recordings, and write them into it')
    .requiredOption('--model <dir>', 'folder of the pack, or the name of one that comes with wakegate')
    .requiredOption('--manifest <csv>', 'recordings that the pack was not trained on; columns as for eval')
    .addOption(splitOption('dev'))
    .option('--false-stops <share>', 'share of keyword recordings that the gate may stop', parseShare, 0.01)
    .option('--as-counted', 'take that share as counted, instead of with 95 % confidence (Clopper-Pearson)')
    .option('--false-accepts <n>', 'per hour, all keywords together', parseNonNegative, 0.4)
    .option('--json', 'print JSON')
    .action(calibrate);
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
  console.log(`gate: threshold ${gate.threshold}${bound}`);
  for (const [name, threshold] of Object.entries(thresholds)) console.log(`${name}: threshold ${threshold}`);
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share > 0 && share < 1) return share;
  throw new InvalidArgumentError('Give a number over 0 and under 1, such as 0.01.');
}
