import { createHash, type Hash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WakegateError } from '../errors.js';
import { readText } from '../read-text.js';
import { type LayersModel, parseModelJson } from './back.js';
import { foldStandardization } from './fold.js';
import { invalidPack } from './invalid.js';
import { checkChain, foldLayers } from './layers.js';
import { type Manifest, type ManifestLayer, type PackFileName, parseManifest } from './manifest.js';
import type { FrontLayer, ModelPack, SecondLookModel } from './pack.js';
import { type Tensor, TensorTable } from './tensors.js';

/**
 * Reads the model pack in `directory`, checks every part of it, and folds batch normalization and input
 * standardization into the front half.
 *
 * Throws `WG_MODEL_NOT_FOUND` where there is no such folder, `WG_MODEL_INVALID` where a file is missing, cut or
 * altered, or where its parts do not fit together; the message names the file and the key.
 *
 * @example
 * const pack = await readPack(await resolvePack('first'));
 */
export async function readPack(directory: string): Promise<ModelPack> {
  const manifestPath = join(directory, 'pack.json');
  const manifest = parseManifest(await readManifest(directory, manifestPath), manifestPath);
  checkTogether(manifest, manifestPath);
  const [frontBin, backJson, backBin] = await Promise.all([
    readListed(directory, 'front.bin', manifest),
    readListed(directory, 'back.json', manifest),
    readListed(directory, 'back.bin', manifest),
  ]);
  const { compression, handoff } = manifest;
  const inputShape = [handoff.windowSteps, 1, compression.channels];
  const back: LayersModel = parseModelJson(
    backJson.toString('utf8'),
    backBin,
    inputShape,
    join(directory, 'back.json'),
  );
  return {
    name: manifest.name,
    description: manifest.description,
    made: manifest.made,
    directory: resolve(directory),
    fingerprint: fingerprint(manifest),
    features: manifest.features,
    ...frontHalf(manifest, frontBin, manifestPath),
    handoff,
    back: { ...back, ...manifest.back },
    ...(manifest.secondLook && { secondLook: await secondLook(directory, manifest, manifestPath) }),
    keywords: manifest.keywords,
    detector: manifest.detector,
  };
}

/**
 * The description of a pack, without reading the rest of it. Throws as {@link readPack} does where that is at fault.
 */
export async function describePack(
  directory: string,
): Promise<{ readonly name: string; readonly description: string; readonly keywords: string[] }> {
  const path = join(directory, 'pack.json');
  const { name, description, keywords } = parseManifest(await readManifest(directory, path), path);
  return { name, description, keywords: keywords.map((keyword) => keyword.name) };
}

/** The tensors of a pack's front.bin by name, as trained: nothing is folded. Throws as {@link readPack} does where they are at fault. */
export async function readFrontTensors(directory: string): Promise<Map<string, Tensor>> {
  const path = join(directory, 'pack.json');
  const manifest = parseManifest(await readManifest(directory, path), path);
  const table = new TensorTable(manifest.tensors, await readListed(directory, 'front.bin', manifest), path);
  return new Map(
    manifest.tensors.map(({ name, shape }) => [name, { shape, values: table.take(name, shape) }]),
  );
}

/** What is read in some 30 ms; packs have 20 kB. */
const MAX_MANIFEST_BYTES = 256 * 1024;

async function secondLook(
  directory: string,
  manifest: Manifest,
  manifestPath: string,
): Promise<SecondLookModel> {
  const settings = manifest.secondLook!;
  const fail = (key: string, problem: string, remedy: string): never => {
    throw invalidPack(manifestPath, `key ${key}`, problem, remedy);
  };
  const { windowSamples, bands } = settings.features;
  if ((windowSamples & (windowSamples - 1)) !== 0) {
    const problem = `is ${windowSamples}`;
    fail('/secondLook/features/windowSamples', problem, 'make it a power of two, as the FFT needs');
  }
  for (const key of ['mean', 'deviation'] as const) {
    const { length } = settings[key];
    if (length !== bands)
      fail(`/secondLook/${key}`, `has ${length} numbers, not ${bands}`, 'measure it again');
  }
  for (const { name } of manifest.keywords) {
    if (!settings.keywords[name])
      fail(`/secondLook/keywords/${name}`, 'is missing', 'calibrate the pack again');
  }
  const [json, bin] = await Promise.all([
    readListed(directory, 'second.json', manifest),
    checkUnread(directory, 'second.bin', manifest),
  ]);
  const path = join(directory, 'second.json');
  const shape = [settings.frames, bands, 1];
  const { topology, weightSpecs } = parseModelJson(json.toString('utf8'), bin, shape, path);
  return {
    ...settings,
    topology,
    weightSpecs,
    weightsFile: resolve(directory, 'second.bin'),
    weightsSha256: manifest.files['second.bin']!.sha256,
  };
}

async function readManifest(directory: string, manifestPath: string): Promise<string> {
  try {
    const status = await stat(manifestPath);
    const { size } = status;
    if (!status.isFile()) throw invalidPack(manifestPath, '', 'is not a file', 'copy the pack again');
    if (size > MAX_MANIFEST_BYTES) {
      const problem = `is ${size} bytes long, more than ${MAX_MANIFEST_BYTES}`;
      throw invalidPack(
        manifestPath,
        '',
        problem,
        'this is not the pack.json of a model pack: copy the pack again',
      );
    }
    return await readText(manifestPath);
  } catch (error) {
    if (error instanceof WakegateError) throw error;
    const remedy = 'name a folder of models/ or one that holds a pack.json';
    throw new WakegateError('WG_MODEL_NOT_FOUND', `no model pack in ${directory}; ${remedy}`, {
      cause: error,
    });
  }
}

function wrongSize(path: string, bytes: number, listed: number): WakegateError {
  const problem = `is ${bytes} bytes long, but pack.json says ${listed}`;
  return invalidPack(path, '', problem, 'the file was cut or replaced: copy the pack again');
}

/** Of a file that is not kept: each piece takes 0.1 ms of its own. */
const PIECE_BYTES = 512 * 1024;

/** One file of the pack, checked against its length and SHA-256 in pack.json. */
function readListed(directory: string, name: PackFileName, manifest: Manifest): Promise<Buffer> {
  return checkListed(directory, name, manifest, async (path, hash) => {
    const bytes = await readFile(path);
    hash.update(bytes);
    return bytes;
  });
}

/** The same of one that is read when it is needed: only its length stays in memory. */
function checkUnread(
  directory: string,
  name: PackFileName,
  manifest: Manifest,
): Promise<{ readonly byteLength: number }> {
  return checkListed(directory, name, manifest, async (path, hash) => {
    const file = await open(path);
    try {
      const piece = Buffer.alloc(PIECE_BYTES);
      let byteLength = 0;
      for (;;) {
        const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, null);
        if (bytesRead === 0) return { byteLength };
        hash.update(piece.subarray(0, bytesRead));
        byteLength += bytesRead;
      }
    } finally {
      await file.close();
    }
  });
}

/** @param read reads the file, and hands what it holds to `hash` */
async function checkListed<Read extends { readonly byteLength: number }>(
  directory: string,
  name: PackFileName,
  manifest: Manifest,
  read: (path: string, hash: Hash) => Promise<Read>,
): Promise<Read> {
  const path = join(directory, name);
  const listed = manifest.files[name];
  if (listed === undefined) {
    const manifestPath = join(directory, 'pack.json');
    throw invalidPack(manifestPath, `key /files/${name}`, 'is missing', 'write the pack again');
  }
  const hash = createHash('sha256');
  let file: Read;
  try {
    const { size } = await stat(path);
    // Before it is read: it may be any file.
    if (size !== listed.bytes) throw wrongSize(path, size, listed.bytes);
    file = await read(path, hash);
  } catch (error) {
    if (error instanceof WakegateError) throw error;
    throw invalidPack(path, '', `cannot be read (${(error as Error).message})`, 'copy the pack again', error);
  }
  if (file.byteLength !== listed.bytes) throw wrongSize(path, file.byteLength, listed.bytes);
  if (hash.digest('hex') !== listed.sha256) {
    const problem = 'is not the file that pack.json describes (its SHA-256 differs)';
    throw invalidPack(path, '', problem, 'the file was altered: copy the pack again');
  }
  return file;
}

/** Frames in a step, of which the listener counts. */
const FRAMES_PER_STEP = 2;
/** 80 s at a hop of 20 ms: a stream is primed by running over as much silence. */
const MAX_LOOK_BACK_FRAMES = 4096;
/** Hundreds of times what a pack for a small board takes, and what a fast machine can still do while it listens. */
const MAX_MACS_PER_SECOND = 100e6;
/** Of one handoff. */
const MAX_WINDOW_LEVELS = 65_536;

/** Multiply-accumulates of one output row. */
function macsOfRow({ kind, taps, inputs, outputs }: ManifestLayer): number {
  return kind === 'conv' ? taps * inputs * outputs : taps * inputs;
}

function framesLookedBack(layers: readonly ManifestLayer[]): number {
  let framesPerRow = 1;
  let frames = 1;
  for (const { taps, stride } of layers) {
    frames += (taps - 1) * framesPerRow;
    framesPerRow *= stride;
  }
  return Math.max(frames, framesPerRow);
}

/** Checks that involve several keys. */
function checkTogether(manifest: Manifest, manifestPath: string): void {
  const { features, front, gate, compression, handoff, back, keywords } = manifest;
  const fail = (key: string, problem: string, remedy: string): never => {
    throw invalidPack(manifestPath, `key ${key}`, problem, remedy);
  };
  checkChain(front.layers, features.coefficients, compression.channels, manifestPath, '/front/layers');
  checkChain(gate.layers, compression.channels, 1, manifestPath, '/gate/layers');
  for (const [index, { name, shortcutFrom }] of front.layers.entries()) {
    if (shortcutFrom === front.layers[0].name) {
      // The standardization of the input lives in the first layer's kernel, which a shortcut around it would miss.
      fail(`/front/layers/${index}/shortcutFrom`, 'goes around the first layer', 'start it one layer later');
    }
    if (gate.layers.some((layer) => layer.name === name)) {
      fail(`/front/layers/${index}/name`, `"${name}" is a layer of the gate as well`, 'rename one of them');
    }
  }
  for (const [index, { name }] of keywords.entries()) {
    if (keywords.findIndex((other) => other.name === name) < index) {
      fail(`/keywords/${index}/name`, `"${name}" is there twice`, 'remove one of them');
    }
  }
  if ((features.windowSamples & (features.windowSamples - 1)) !== 0) {
    fail(
      '/features/windowSamples',
      `is ${features.windowSamples}`,
      'make it a power of two, as the FFT needs',
    );
  }
  const frontStride = front.layers.reduce((product, { stride }) => product * stride, 1);
  if (frontStride !== FRAMES_PER_STEP) {
    fail(
      '/front/layers',
      `have strides of ${frontStride} in all`,
      `make them ${FRAMES_PER_STEP}: two frames are a step`,
    );
  }
  const lookBack = framesLookedBack([...front.layers, ...gate.layers]);
  if (lookBack > MAX_LOOK_BACK_FRAMES) {
    const problem = `look back over ${lookBack} frames with those of the front half`;
    fail('/gate/layers', problem, `make it at most ${MAX_LOOK_BACK_FRAMES}`);
  }
  const macs = [...front.layers, ...gate.layers].reduce((sum, layer) => sum + macsOfRow(layer), 0);
  const macsPerSecond = Math.round((macs * features.sampleRate) / features.hopSamples);
  if (macsPerSecond > MAX_MACS_PER_SECOND) {
    const problem = `takes ${macsPerSecond} multiplications a second with the gate`;
    fail('/front/layers', problem, `make it at most ${MAX_MACS_PER_SECOND}, or hopSamples larger`);
  }
  if (handoff.windowSteps * compression.channels > MAX_WINDOW_LEVELS) {
    const problem = `is ${handoff.windowSteps}, for ${compression.channels} channels each`;
    fail('/handoff/windowSteps', problem, `make their product at most ${MAX_WINDOW_LEVELS}`);
  }
  if (features.coefficients > features.melBands) {
    const problem = `is ${features.coefficients}, more than the ${features.melBands} mel bands`;
    fail('/features/coefficients', problem, 'make it at most melBands');
  }
  if (compression.zeroPrior.length !== compression.channels * 3) {
    const problem = `has ${compression.zeroPrior.length} numbers, not ${compression.channels} channels x 3`;
    fail('/compression/zeroPrior', problem, 'estimate it again');
  }
  const reach = (back.positions - 1) * back.positionSteps + 1;
  if (handoff.windowSteps < Math.max(reach, handoff.hopSteps)) {
    const problem = `is ${handoff.windowSteps}, too small for ${back.positions} positions ${back.positionSteps} apart and a hop of ${handoff.hopSteps}`;
    fail('/handoff/windowSteps', problem, `make it at least ${Math.max(reach, handoff.hopSteps)}`);
  }
}

/** Front, gate and compression, with everything folded. */
function frontHalf(
  manifest: Manifest,
  frontBin: Uint8Array,
  manifestPath: string,
): Pick<ModelPack, 'front' | 'gate' | 'compression'> {
  const { front, gate, compression, features, tensors } = manifest;
  const table = new TensorTable(tensors, frontBin, manifestPath);
  const mean = table.take('input/mean', [features.coefficients]);
  const variance = table.take('input/variance', [features.coefficients]);
  const layers = foldLayers(front.layers, table, front.batchNormEpsilon);
  const head = foldLayers(gate.layers, table, front.batchNormEpsilon);
  const theta = table.take('compression/theta', [compression.channels]);
  table.finish();

  if (variance.some((value) => value <= 0)) {
    const problem = 'holds a variance that is not above 0';
    throw invalidPack(manifestPath, 'tensor input/variance', problem, 'write the pack again');
  }
  if (theta.some((value) => value < 0)) {
    const problem = 'holds a shrinkage below 0';
    throw invalidPack(manifestPath, 'tensor compression/theta', problem, 'write the pack again');
  }
  const [first, ...rest] = layers as [FrontLayer, ...FrontLayer[]];
  return {
    front: [{ ...first, ...foldStandardization(first, first.kind, mean, variance) }, ...rest],
    gate: {
      head,
      threshold: gate.threshold,
      smoothingScores: gate.smoothingScores,
      hangoverSteps: gate.hangoverSteps,
    },
    compression: { ...compression, theta, zeroPrior: Uint8Array.from(compression.zeroPrior) },
  };
}

/** First 32 bits of the SHA-256 over what decides whether a handoff can be understood: see docs/reference/model-pack.md. */
function fingerprint({ files, compression, handoff }: Manifest): number {
  const hash = createHash('sha256');
  for (const name of ['front.bin', 'back.json', 'back.bin'] as const) hash.update(files[name].sha256);
  hash.update(JSON.stringify([compression, handoff]));
  return hash.digest().readUInt32BE(0);
}
