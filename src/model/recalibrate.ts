import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from '../read-text.js';
import { type Manifest, parseManifest } from './manifest.js';
import { readPack } from './read.js';

/** What calibration finds. */
export interface Calibration {
  readonly gate: { readonly threshold: number; readonly curve: NonNullable<Manifest['gate']['curve']> };
  /** By keyword. */
  readonly thresholds: Readonly<Record<string, number>>;
}

/**
 * Gives the pack in `directory` other thresholds, and the curve that the gate's was chosen on. Nothing else of it changes,
 * so that handoffs made before are still understood.
 *
 * Throws as {@link readPack} does, and then leaves the pack as it was.
 */
export async function recalibrate(directory: string, { gate, thresholds }: Calibration): Promise<void> {
  const path = join(directory, 'pack.json');
  const text = await readText(path);
  const manifest = parseManifest(text, path);
  const changed: Manifest = {
    ...manifest,
    gate: { ...manifest.gate, threshold: gate.threshold, curve: gate.curve },
    keywords: manifest.keywords.map((keyword) => ({
      ...keyword,
      threshold: thresholds[keyword.name] ?? keyword.threshold,
    })),
  };
  await replace(path, `${JSON.stringify(changed, null, 2)}\n`);
  try {
    await readPack(directory);
  } catch (error) {
    await replace(path, text);
    throw error;
  }
}

async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.part`;
  await writeFile(draft, text);
  await rename(draft, path).catch(async (error) => {
    await rm(draft, { force: true });
    throw error;
  });
}
