import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answers, HeardStream } from './accuracy.js';
import { CONDITIONS, type ComparedAudio, type Condition } from './audio.js';
import type { EngineDescription } from './engines.js';
import type { NegativeStream, SoundStore } from './negatives.js';
import type { HeardClip, Recordings } from './protocol.js';

/** An engine at one of its settings. */
export interface Listening {
  readonly engine: EngineDescription;
  readonly setting: number | null;
}

/** Keeps what engines have heard, so that a run that was interrupted continues. */
export class HeardStore {
  readonly #folder: string;

  /** @param about what the engine hears by: where it changes, all is heard again */
  constructor(folder: string, { engine, setting }: Listening, about: string) {
    const key = createHash('sha256')
      .update(JSON.stringify([engine.adapter, engine.words, setting, about]))
      .digest('hex')
      .slice(0, 8);
    this.#folder = join(folder, 'heard', `${engine.name.replaceAll(/\W+/g, '-')}-${setting ?? 'own'}-${key}`);
  }

  async get(name: string): Promise<HeardClip[] | null> {
    const path = this.#pathOf(name);
    return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as HeardClip[]) : null;
  }

  async put(name: string, clips: readonly HeardClip[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const path = this.#pathOf(name);
    await writeFile(`${path}.part`, JSON.stringify(clips));
    await rename(`${path}.part`, path);
  }

  #pathOf(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}

type Hear = (recordings: Recordings) => Promise<readonly HeardClip[]>;

/** Has an engine hear its words, as far as the store does not have them. */
export async function hearWords(
  { engine }: Listening,
  store: HeardStore,
  { positives }: ComparedAudio,
  hear: Hear,
): Promise<void> {
  for (const { word, recordings } of positives) {
    if (!engine.words.includes(word)) continue;
    for (const condition of CONDITIONS) {
      const name = nameOf(word, condition);
      if ((await store.get(name)) === null) await store.put(name, await hear(recordings[condition]));
    }
  }
}

/** Has an engine hear streams without a word, as far as the store does not have them. */
export async function hearStreams(
  store: HeardStore,
  streams: readonly NegativeStream[],
  sounds: SoundStore,
  hear: Hear,
): Promise<void> {
  for (const stream of streams) {
    if ((await store.get(stream.name)) !== null) continue;
    const { path, samples } = await sounds.get(stream);
    await store.put(stream.name, await hear({ path, lengths: [samples] }));
  }
}

/** What is in the store. */
export async function answersOf(
  { engine, setting }: Listening,
  store: HeardStore,
  audio: ComparedAudio,
  sounds: SoundStore,
): Promise<Answers> {
  const positives: Record<string, Record<Condition, readonly HeardClip[]>> = {};
  for (const { word } of audio.positives) {
    if (!engine.words.includes(word)) continue;
    const answers = {} as Record<Condition, readonly HeardClip[]>;
    for (const condition of CONDITIONS) answers[condition] = (await store.get(nameOf(word, condition))) ?? [];
    positives[word] = answers;
  }
  const negatives: HeardStream[] = [];
  for (const stream of audio.negatives) {
    const clips = await store.get(stream.name);
    if (clips === null) continue;
    const { name, kind, corpus, unseen } = stream;
    negatives.push({ name, kind, corpus, unseen, hours: (await sounds.get(stream)).hours, clip: clips[0] });
  }
  return { setting, positives, negatives };
}

function nameOf(word: string, condition: Condition): string {
  return `word-${word}-${condition.replace(' ', '')}`;
}
