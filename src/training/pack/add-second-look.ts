import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WakegateError } from '../../errors.js';
import { formatModelJson } from '../../model/back.js';
import { readPack } from '../../model/index.js';
import { type Manifest, parseManifest } from '../../model/manifest.js';
import type { Moments } from '../network/moments.js';
import type { ExportedSecond } from './second-model.js';

/** How a second look is joined with the first. */
export interface SecondLookChoices {
  readonly weight: number;
  /** By keyword. */
  readonly keywords: Readonly<Record<string, { readonly ask: number; readonly bias: number }>>;
  /** Of the detector alone and of both, by keyword; those of the pack stay where one is not given. */
  readonly thresholds?: Readonly<Record<string, number>>;
  /** Name of the pack from now on. */
  readonly name?: string;
  /** Provenance to record, in addition to what the pack says already. */
  readonly made?: Record<string, unknown>;
}

/**
 * Gives the pack in `directory` a second look, or another one. Its first network stays as it is, so that handoffs made before are still
 * understood.
 *
 * @throws WakegateError as {@link readPack} does, where the parts do not fit together
 */
export async function addSecondLook(
  directory: string,
  { model, features, frames, macs }: ExportedSecond,
  { mean, deviation }: Moments,
  choices: SecondLookChoices,
): Promise<void> {
  const files = {
    'second.json': Buffer.from(formatModelJson(model, 'second.bin')),
    'second.bin': Buffer.from(model.weights),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(directory, name), bytes);
  const network = {
    features: { ...features, sampleRate: 16_000 as const },
    frames,
    mean: Array.from(mean, rounded),
    deviation: Array.from(deviation, rounded),
    macs,
  };
  await change(directory, choices, () => network, listed(files));
}

/**
 * Joins the second look that the pack in `directory` has in another way with the first.
 *
 * @throws WakegateError WG_MODEL_INVALID where it has none, and as {@link readPack} does
 */
export async function joinSecondLook(directory: string, choices: SecondLookChoices): Promise<void> {
  await change(
    directory,
    choices,
    ({ name, secondLook }) => {
      if (secondLook) return secondLook;
      throw new WakegateError('WG_MODEL_INVALID', `${name} has no second look: add that of a run with --run`);
    },
    {},
  );
}

type Network = Omit<NonNullable<Manifest['secondLook']>, 'weight' | 'keywords'>;

async function change(
  directory: string,
  { name, weight, keywords, thresholds = {}, made = {} }: SecondLookChoices,
  networkOf: (manifest: Manifest) => Network,
  files: Partial<Manifest['files']>,
): Promise<void> {
  const path = join(directory, 'pack.json');
  const manifest = parseManifest(await readFile(path, 'utf8'), path);
  const changed: Manifest = {
    ...manifest,
    ...(name !== undefined && { name }),
    made: { ...manifest.made, ...made },
    keywords: manifest.keywords.map((keyword) => ({
      ...keyword,
      threshold: thresholds[keyword.name] ?? keyword.threshold,
    })),
    secondLook: { ...networkOf(manifest), weight, keywords },
    files: { ...manifest.files, ...files },
  };
  await writeFile(`${path}.part`, `${JSON.stringify(changed, null, 2)}\n`);
  await rename(`${path}.part`, path);
  await readPack(directory);
}

function listed(files: Readonly<Record<string, Buffer>>): Partial<Manifest['files']> {
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [
      name,
      { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
    ]),
  );
}

function rounded(value: number): number {
  return Number(value.toFixed(5));
}
