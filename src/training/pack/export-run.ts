import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBackend } from '../../classifier/index.js';
import { WakegateError } from '../../errors.js';
import { estimateZeroPrior } from '../../gate/handoff.js';
import type { ModelPack } from '../../model/index.js';
import { type Clip, readCorpus } from '../corpus/corpus.js';
import { type Fold, isHeldOut } from '../corpus/folds.js';
import { handoffWindows } from '../evaluation/gate-trace.js';
import { atSnr } from '../feed/add-noise.js';
import type { RecordingSet } from '../feed/background.js';
import { SHAPE } from '../network/network.js';
import { readWeightMap, type WeightMap } from '../network/weights.js';
import { Random } from '../random.js';
import { calibrateGate, type HeldOut } from './calibrate-gate.js';
import { calibrateKeywords, NOISE_SNR_DB } from './calibrate-keywords.js';
import { exportPack, type PackChoices } from './export-pack.js';

export interface ExportSettings {
  /** Folder of the run that becomes the pack. */
  readonly run: string;
  /** Runs of the same recipe that each left out a fold of the train speakers: false accepts count on those too. */
  readonly foldRuns: readonly string[];
  /** Folder of the pack. */
  readonly out: string;
  readonly name: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly trunk: string;
  readonly cache: string;
  /** More recordings of dev to calibrate on. */
  readonly more: readonly RecordingSet[];
  /** Share of keywords that the gate may stop. */
  readonly falseStops: number;
  /** Share of keywords in noise that the gate may stop, as counted; null for any. */
  readonly noisyFalseStops: number | null;
  /** Whether that has to hold with 95 % confidence, or as counted. */
  readonly confident: boolean;
  readonly falseAcceptsPerHour: number;
  /** Provenance to record. */
  readonly made: Record<string, unknown>;
}

/**
 * Calibrates a trained run on recordings that it was not trained on, and writes it as a pack. The gate is calibrated on dev, the keywords
 * on dev and on the recordings without a keyword that each of `foldRuns` left out. Those runs learned from less, so their misses are not
 * counted.
 *
 * @returns the results of calibration
 */
export async function exportRun(settings: ExportSettings): Promise<Record<string, unknown>> {
  await openBackend('wasm');
  const { keywords, cache } = settings;
  const { mfcc } = JSON.parse(await readFile(join(settings.trunk, 'standardization.json'), 'utf8'));
  const dev = await readCorpus('dev', cache);
  for (const more of settings.more) {
    const clips = await readCorpus('dev', more.cache, { data: more.data });
    dev.push(...clips.filter(({ kind, label }) => kind !== 'word' || keywords.includes(label)));
  }
  const train = await readCorpus('train', cache);
  const isPositive = ({ kind, label }: Clip) => kind === 'word' && keywords.includes(label);

  const parts = [
    { run: settings.run, out: settings.out, clips: dev },
    ...(await readFolds(settings.foldRuns)).map(({ run, fold }) => ({
      run,
      out: join(run, 'pack'),
      clips: train.filter((clip) => isHeldOut(clip, fold)),
    })),
  ];
  const weights: WeightMap[] = [];
  for (const { run } of parts) weights.push(await readWeightMap(join(run, 'averaged.bin')));
  const writeAll = async (
    choices: Pick<PackChoices, 'gateThreshold' | 'gateCurve' | 'thresholds' | 'zeroPrior'>,
  ) => {
    const { name, description, made } = settings;
    const packs: ModelPack[] = [];
    for (const [i, { out }] of parts.entries()) {
      const all = { name, description, made, ...choices };
      packs.push(await exportPack(out, SHAPE, weights[i], mfcc, keywords, all));
    }
    return packs;
  };
  const heldOut = (packs: readonly ModelPack[]): HeldOut[] =>
    packs.map((pack, i) => ({
      pack,
      positives: i === 0 ? dev.filter(isPositive) : [],
      negatives: parts[i].clips.filter(({ kind }) => kind !== 'word'),
    }));

  const noises = dev.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
  const random = new Random(1000 + NOISE_SNR_DB);
  const noisy = settings.noisyFalseStops !== null && {
    positives: dev
      .filter(isPositive)
      .map((clip) => ({ ...clip, samples: atSnr(clip.samples, noises, NOISE_SNR_DB, random) })),
    budget: settings.noisyFalseStops,
  };

  const drafts = await writeAll({ gateThreshold: 0.5, thresholds: 0.99 });
  const windows = handoffWindows(drafts[0], train.filter(isPositive));
  const zeroPrior = estimateZeroPrior(windows, drafts[0].compression.channels);
  const gate = calibrateGate(heldOut(drafts).slice(0, 1), settings.falseStops, settings.confident, noisy);
  const gateChoices = { gateThreshold: gate.threshold, gateCurve: gate.curve, zeroPrior };
  const gated = await writeAll({ ...gateChoices, thresholds: 0.99 });
  const { thresholds, ...counted } = await calibrateKeywords(heldOut(gated), settings.falseAcceptsPerHour);
  await writeAll({ ...gateChoices, thresholds });
  return {
    gate: gate.curve.find(({ threshold }) => threshold === gate.threshold),
    thresholds,
    ...counted,
  };
}

/**
 * The fold that each of the runs left out, by its settings.
 *
 * @throws WakegateError WG_DATA_INVALID where a run left out nothing, or speakers that another left out too
 */
export async function readFolds(runs: readonly string[]): Promise<{ run: string; fold: Fold }[]> {
  const folds: { run: string; fold: Fold }[] = [];
  for (const run of runs) {
    const { fold } = JSON.parse(await readFile(join(run, 'settings.json'), 'utf8').catch(() => '{}'));
    if (!fold) throw notAFold(run, 'left out no speakers: name runs that were trained with --fold');
    const other = folds.find((other) => other.fold.of !== fold.of || other.fold.index === fold.index);
    if (other)
      throw notAFold(
        run,
        `and ${other.run} left out some of the same speakers: name runs of different folds`,
      );
    folds.push({ run, fold });
  }
  return folds;
}

function notAFold(run: string, why: string): WakegateError {
  return new WakegateError('WG_DATA_INVALID', `${run} ${why}`);
}
