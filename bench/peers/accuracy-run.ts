import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answers, judge, type WordAccuracy } from './accuracy.js';
import type { ComparedAudio } from './audio.js';
import { EngineProcess } from './engine-process.js';
import type { EngineDescription } from './engines.js';
import { answersOf, HeardStore, hearStreams, hearWords, type Listening } from './hear-all.js';
import { SoundStore } from './negatives.js';
import type { EngineOptions, HeardClip, Recordings } from './protocol.js';

export interface AccuracyPlan {
  readonly engines: readonly EngineDescription[];
  readonly audio: ComparedAudio;
  /** Keeps decoded sound and what engines heard in it. */
  readonly folder: string;
  /** Folder of wakegate's pack. */
  readonly modelDir: string;
  readonly cores: readonly number[];
  /** Engines that listen at a time. */
  readonly jobs: number;
  /** False: only what was heard before is judged. */
  readonly hears: boolean;
  readonly optionsOf: (engine: EngineDescription, setting: number | null) => EngineOptions;
  readonly say: (progress: string) => void;
}

/** The streams are heard in so many turns, so that a run that was interrupted has compared all engines on the same hours. */
const TURNS = 10;

/** What each engine hears of its words, and takes for them. */
export async function measureAccuracy(plan: AccuracyPlan): Promise<WordAccuracy[]> {
  const spotters = plan.engines.filter(({ isVad }) => !isVad);
  const pack = await hashOf(join(plan.modelDir, 'pack.json'));
  const sounds = new SoundStore(join(plan.folder, 'sound'));
  const versionOf = (engine: EngineDescription) => engine.package ?? pack;
  const storeOf = (listening: Listening) =>
    new HeardStore(plan.folder, listening, versionOf(listening.engine));
  if (plan.hears) await listen(plan, spotters, sounds, storeOf);
  const accuracy: WordAccuracy[] = [];
  for (const engine of spotters) {
    const answers: Answers[] = [];
    for (const listening of listeningsOf(engine)) {
      answers.push(await answersOf(listening, storeOf(listening), plan.audio, sounds));
    }
    const judged = engine.words.flatMap((word) => judge(engine, word, plan.audio, answers) ?? []);
    accuracy.push(...judged.map((own) => ({ ...own, by: versionOf(engine) })));
  }
  return accuracy;
}

/** At its own setting first. */
function listeningsOf(engine: EngineDescription): Listening[] {
  return [engine.setting, ...engine.otherSettings].map((setting) => ({ engine, setting }));
}

async function listen(
  plan: AccuracyPlan,
  engines: readonly EngineDescription[],
  sounds: SoundStore,
  storeOf: (listening: Listening) => HeardStore,
): Promise<void> {
  const { audio } = plan;
  const work: (() => Promise<void>)[] = [];
  const all = engines.flatMap(listeningsOf);
  for (const listening of all) {
    const store = storeOf(listening);
    work.push(() => withProcess(plan, listening, (hear) => hearWords(listening, store, audio, hear)));
  }
  const size = Math.ceil(audio.negatives.length / TURNS);
  for (let turn = 0; turn < TURNS; turn++) {
    const streams = audio.negatives.slice(turn * size, (turn + 1) * size);
    for (const listening of all) {
      const { engine, setting } = listening;
      if (turn >= (setting === engine.setting ? (engine.turns ?? TURNS) : 1)) continue;
      const store = storeOf(listening);
      work.push(async () => {
        await withProcess(plan, listening, (hear) => hearStreams(store, streams, sounds, hear));
        plan.say(`turn ${turn + 1} of ${TURNS}: ${engine.name} at ${setting ?? 'its own setting'}`);
      });
    }
  }
  const next = work.values();
  await Promise.all(
    Array.from({ length: plan.jobs }, async () => {
      for (const task of next) await task();
    }),
  );
}

/** Starts an engine only where it is asked to hear something. */
async function withProcess(
  { optionsOf, cores }: AccuracyPlan,
  { engine, setting }: Listening,
  use: (hear: (recordings: Recordings) => Promise<readonly HeardClip[]>) => Promise<void>,
): Promise<void> {
  let process: EngineProcess | null = null;
  try {
    await use(async (recordings) => {
      process ??= await EngineProcess.start(engine, optionsOf(engine, setting), cores);
      return (await process.hear(recordings)).clips;
    });
  } finally {
    await (process as EngineProcess | null)?.stop();
  }
}

async function hashOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}
