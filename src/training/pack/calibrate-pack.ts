import { WakegateError } from '../../errors.js';
import { type Calibration, type ModelPack, readPack, recalibrate } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { calibrateGate } from './calibrate-gate.js';
import { calibrateKeywords } from './calibrate-keywords.js';

export interface CalibrateOptions {
  /** Share of positives that the gate may stop. */
  readonly falseStops: number;
  /** Whether the share has to hold with 95 % confidence (Clopper-Pearson), or as counted. */
  readonly confident: boolean;
  /** All keywords together. */
  readonly falseAcceptsPerHour: number;
}

/** Decides how many positives are needed to say, where none is stopped, that no more than a share is, with 95 % confidence. */
const LOG_DOUBT = Math.log(0.05);

/**
 * Chooses new thresholds for gate and keywords of the pack in `directory`, on recordings that it was not trained on, and writes them
 * into it.
 *
 * @throws WakegateError WG_DATA_INVALID where there are too few recordings
 */
export async function calibratePack(
  directory: string,
  clips: readonly Clip[],
  { falseStops, confident, falseAcceptsPerHour }: CalibrateOptions,
): Promise<Calibration> {
  const pack = await readPack(directory);
  const names = pack.keywords.map(({ name }) => name);
  const positives = clips.filter(({ kind, label }) => kind === 'word' && names.includes(label));
  const negatives = clips.filter(({ kind }) => kind !== 'word');
  checkCalibratable(pack, positives, negatives, confident ? falseStops : null);
  const gate = calibrateGate([{ pack, positives, negatives }], falseStops, confident);
  const gated = { ...pack, gate: { ...pack.gate, threshold: gate.threshold } };
  const { thresholds } = await calibrateKeywords(
    [{ pack: gated, positives, negatives }],
    falseAcceptsPerHour,
  );
  await recalibrate(directory, { gate, thresholds });
  return { gate, thresholds };
}

function checkCalibratable(
  pack: ModelPack,
  positives: readonly Clip[],
  negatives: readonly Clip[],
  confidentShare: number | null,
): void {
  const without = pack.keywords.filter(({ name }) => positives.every(({ label }) => label !== name));
  if (without.length > 0) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      `there is no recording of ${without.map(({ name }) => name).join(', ')} to calibrate on: record some`,
    );
  }
  if (negatives.length === 0) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      'there is no recording of kind speech, noise or music: without one, any threshold would do',
    );
  }
  const least = confidentShare === null ? 1 : Math.ceil(LOG_DOUBT / Math.log(1 - confidentShare));
  if (positives.length < least) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      `there are ${positives.length} recordings of keywords, and ${least} are needed to say with 95 % confidence that the ` +
        `gate stops no more than ${100 * confidentShare!} % of them: record more, or calibrate with --as-counted`,
    );
  }
}
