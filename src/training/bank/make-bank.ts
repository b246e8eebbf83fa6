import { readAudioFile } from '../../audio/index.js';
import { openBackend } from '../../classifier/backend.js';
import { WakegateError } from '../../errors.js';
import { readPack } from '../../model/index.js';
import { FEATURES } from '../feed/mfcc-frames.js';
import { BankWriter, readBankParts } from './bank.js';
import { type SpokenPart, writeBankWords } from './bank-words.js';
import { type BankChoice, type Chosen, chosenRecordings } from './chosen-recordings.js';
import { levelsOf } from './levels.js';
import { writeSecondBank } from './second-bank.js';
import { SecondEmbedder } from './second-embedder.js';
import { SecondStream } from './second-stream.js';

export interface MakeBank extends BankChoice {
  /** Folder of the pack. */
  readonly model: string;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Silence between two clips. */
const GAP_SAMPLES = 3200;
/** Samples of a step of the front half. */
const STEP_SAMPLES = 2 * FEATURES.hopSamples;

/**
 * Makes the bank of a pack from recordings without keywords: speech, noise and music of all manifests, and some single words; that of
 * its second look, where it has one; and the list of what is said in it.
 *
 * @throws WakegateError WG_DATA_INVALID, WG_MODEL_INVALID
 */
export async function makeBank({ model, onProgress, ...choice }: MakeBank) {
  const pack = await readPack(model);
  const chosen = await chosenRecordings(choice);
  const writer = new BankWriter(pack);
  const words = new PartWords();
  const second = await SecondEmbedder.load(pack, await openBackend('auto'));
  const streams = second && { train: new SecondStream(second), dev: new SecondStream(second) };
  for (const [i, one] of chosen.entries()) {
    const { file, kind, corpus } = one.recording;
    const split = one.recording.split as 'train' | 'dev';
    const samples = await readAudioFile(file);
    const spaced = new Int16Array(samples.length + GAP_SAMPLES);
    spaced.set(samples);
    const levels = levelsOf(pack, spaced);
    const steps = levels.length / pack.compression.channels;
    writer.add({ split, kind, corpus, licence: one.licence }, levels);
    words.add(one, steps);
    streams?.[split].add(spaced.subarray(0, steps * STEP_SAMPLES));
    onProgress?.(i + 1, chosen.length);
  }
  const { bytes, hours, sha256 } = await writer.write(model);
  const listed = await writeBankWords(model, sha256, words.parts);
  const whole = { bytes: bytes + listed.bytes, hours };
  if (!second || !streams) return whole;
  const all = { train: streams.train.finish(), dev: streams.dev.finish(), size: second.size };
  return { ...whole, bytes: whole.bytes + (await writeSecondBank(pack, sha256, all)).bytes };
}

/**
 * Lists what is said in the bank that a pack has already, from the recordings and the settings that it was made of.
 *
 * @throws WakegateError WG_DATA_INVALID where these make another bank
 */
export async function listBankWords({ model, onProgress, ...choice }: MakeBank) {
  const pack = await readPack(model);
  const chosen = await chosenRecordings(choice);
  const words = new PartWords();
  for (const [i, one] of chosen.entries()) {
    const { length } = await readAudioFile(one.recording.file);
    words.add(one, Math.floor((length + GAP_SAMPLES) / STEP_SAMPLES));
    onProgress?.(i + 1, chosen.length);
  }
  const { parts, sha256 } = await readBankParts(pack);
  const hours = (parts.reduce((sum, { steps }) => sum + steps, 0) * STEP_SAMPLES) / 16_000 / 3600;
  for (const [p, { corpus, split, clips, steps }] of parts.entries()) {
    const listed = words.parts[p]?.clips ?? [];
    const found = listed.reduce((sum, one) => sum + one.steps, 0);
    if (listed.length === clips && found === steps && words.parts.length === parts.length) continue;
    throw new WakegateError(
      'WG_DATA_INVALID',
      `part ${p + 1} of the bank (${split}, ${corpus}) has ${clips} clips of ${steps} steps, and these recordings have ` +
        `${listed.length} of ${found}: give the manifests and shares that the bank was made with`,
    );
  }
  const { bytes } = await writeBankWords(model, sha256, words.parts);
  return { bytes, hours };
}

/** What is said in each part, as its clips come. */
class PartWords {
  readonly #parts = new Map<string, { clips: { steps: number; text: string | null }[] }>();

  get parts(): readonly SpokenPart[] {
    return [...this.#parts.values()];
  }

  add({ recording: { split, kind, corpus }, licence, text }: Chosen, steps: number): void {
    const key = [split, kind, corpus, licence].join('\n');
    const part = this.#parts.get(key) ?? { clips: [] };
    this.#parts.set(key, part);
    part.clips.push({ steps, text });
  }
}
