import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBackend } from '../classifier/index.js';
import { estimateZeroPrior } from '../gate/handoff.js';
import { calibrateGate, type GateCalibration, handoffWindows } from './calibrate.js';
import { calibrateKeywords } from './calibrate-keywords.js';
import { readCorpus } from './corpus.js';
import { exportPack, type PackChoices } from './export-pack.js';
import { SHAPE } from './network.js';
import { readWeightMap } from './weights.js';

export interface ExportOptions {
  /** Folder of the run of the heads. */
  readonly run: string;
  /** Folder of the pack; its name is the pack's. */
  readonly out: string;
  readonly name: string;
  readonly trunk: string;
  readonly cache: string;
  readonly keywords: readonly string[];
  /** Share of positives that the gate may stop. */
  readonly falseStops: number;
  /** Provenance to record. */
  readonly made: Record<string, unknown>;
}

export interface ExportedThresholds {
  readonly gate: GateCalibration['curve'][number] | undefined;
  readonly thresholds: Readonly<Record<string, number>>;
}

/** Writes a trained run as a pack, with its entropy coder's prior from train, and its thresholds from dev. */
export async function exportRun(options: ExportOptions): Promise<ExportedThresholds> {
  const { keywords, cache } = options;
  await openBackend('wasm');
  const weights = await readWeightMap(join(options.run, 'averaged.bin'));
  const { mfcc } = JSON.parse(await readFile(join(options.trunk, 'standardization.json'), 'utf8'));
  const write = (
    choices: Pick<PackChoices, 'gateThreshold' | 'gateCurve' | 'thresholds'> & { zeroPrior?: Uint8Array },
  ) =>
    exportPack(options.out, SHAPE, weights, mfcc, keywords, {
      name: options.name,
      description: `English wake words: ${keywords.join(', ')}`,
      made: options.made,
      ...choices,
    });
  const draft = await write({ gateThreshold: 0.5, thresholds: 0.99 });
  const isKeyword = ({ label }: { label: string }) => keywords.includes(label);
  const train = (await readCorpus('train', cache)).filter(isKeyword);
  const zeroPrior = estimateZeroPrior(handoffWindows(draft, train), draft.compression.channels);
  const dev = await readCorpus('dev', cache);
  const positives = dev.filter(isKeyword);
  const negatives = dev.filter(({ kind }) => kind !== 'word');
  const gate = calibrateGate(draft, positives, negatives, options.falseStops, false);
  const gateChoices = { gateThreshold: gate.threshold, gateCurve: gate.curve, zeroPrior };
  const gated = await write({ ...gateChoices, thresholds: 0.99 });
  const thresholds = await calibrateKeywords(gated, positives, negatives);
  await write({ ...gateChoices, thresholds });
  return { gate: gate.curve.find((point) => point.threshold === gate.threshold), thresholds };
}
