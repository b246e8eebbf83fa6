import { readAudioFile } from '../../src/audio/index.js';
import type { ModelPack } from '../../src/model/index.js';
import { SAMPLE_FILE } from '../paths.js';
import { type Answers, judge, type WordAccuracy } from './accuracy.js';
import { type ComparedAudio, comparedAudio } from './audio.js';
import { type Cost, costAudio, measureCost } from './cost.js';
import { EngineMissing, EngineProcess } from './engine-process.js';
import { COMMON_WORD, type EngineDescription, WORDS } from './engines.js';
import { hearAll } from './hear-all.js';
import { type Live, type LivePlan, liveDaemon, liveEngine } from './live.js';
import type { EngineOptions, Recordings } from './protocol.js';
import { type Spread, spreadOf } from './spread.js';

export interface Comparison {
  readonly machine: string;
  readonly accuracy: readonly WordAccuracy[];
  readonly costs: Readonly<Record<string, Cost>>;
  readonly lives: Readonly<Record<string, Live>>;
  /** From starting a process to when it can hear, in ms. */
  readonly starts: Readonly<Record<string, Spread>>;
  /** Why an engine could not be had here. */
  readonly missing: Readonly<Record<string, string>>;
}

export interface ComparePlan {
  readonly engines: readonly EngineDescription[];
  /** Name or folder of wakegate's pack. */
  readonly model: string;
  readonly pack: Pick<ModelPack, 'keywords'>;
  /** Folder with a package.json that the engines are installed for. */
  readonly packages: string;
  /** For audio; gone after. */
  readonly folder: string;
  readonly machine: string;
  readonly cores: readonly number[];
  readonly quick: boolean;
  readonly say: (progress: string) => void;
}

/** Runs all engines on the same audio: what they hear first, on all cores; then what they cost, one by one on one core. */
export async function compare(plan: ComparePlan): Promise<Comparison> {
  const { folder, quick, machine } = plan;
  const audio = await comparedAudio(folder, {
    words: WORDS,
    packWords: plan.pack.keywords.map(({ name }) => name),
    quick,
  });
  const { engines, missing } = await installed(plan, audio.templates);
  const there: ComparePlan = { ...plan, engines };
  const accuracy = await measureAccuracy(there, audio);
  const sounds = await costAudio(folder, quick ? { quiet: 10, other: 5 } : { quiet: 60, other: 20 });
  const costs: Record<string, Cost> = {};
  const lives: Record<string, Live> = {};
  const starts: Record<string, Spread> = {};
  const live = await livePlan(quick);
  const core = plan.cores.at(-1)!;
  for (const engine of engines) {
    plan.say(`${engine.name}: what it costs`);
    // One word each: some run a model for every word.
    const words = engine.words.filter((word) => word === COMMON_WORD);
    const options = { ...optionsOf(there, engine, engine.setting, audio.templates), words };
    const runs = quick ? 2 : 5;
    const process = await EngineProcess.start(engine, options, core);
    costs[engine.name] = await measureCost(process, sounds, runs);
    await process.stop();

    const fresh = await EngineProcess.start(engine, options, core);
    const startMs = [fresh.startMs];
    lives[engine.name] =
      engine.adapter === 'wakegate.js' && engine.setting === null
        ? await liveDaemon(plan.model, core, live)
        : await liveEngine(fresh, live);
    await fresh.stop();
    while (startMs.length < runs) {
      const another = await EngineProcess.start(engine, options, core);
      startMs.push(another.startMs);
      await another.stop();
    }
    starts[engine.name] = spreadOf(startMs);
  }
  return { machine, accuracy, costs, lives, starts, missing };
}

/** Which engines can be started here at all. */
export async function installed(
  plan: ComparePlan,
  templates: Recordings | null,
): Promise<{ engines: EngineDescription[]; missing: Record<string, string> }> {
  const engines: EngineDescription[] = [];
  const missing: Record<string, string> = {};
  for (const engine of plan.engines) {
    try {
      const options = optionsOf(plan, engine, engine.setting, templates);
      await (await EngineProcess.start(engine, options, plan.cores[0])).stop();
      engines.push(engine);
    } catch (error) {
      if (!(error instanceof EngineMissing)) throw error;
      missing[engine.name] = error.message;
      plan.say(`${engine.name} is left out, for it cannot be started here: ${error.message}`);
    }
  }
  return { engines, missing };
}

async function measureAccuracy(plan: ComparePlan, audio: ComparedAudio): Promise<WordAccuracy[]> {
  const spotters = plan.engines.filter(({ isVad }) => !isVad);
  const answers = new Map(spotters.map(({ name }) => [name, [] as Answers[]]));
  const work = spotters.flatMap((engine) =>
    [engine.setting, ...engine.otherSettings].map((setting) => ({ engine, setting })),
  );
  // The longest first, so that no core waits for another at the end.
  work.sort((a, b) => b.engine.otherSettings.length - a.engine.otherSettings.length);
  await Promise.all(
    plan.cores.map(async (core) => {
      for (let next = work.shift(); next; next = work.shift()) {
        const { engine, setting } = next;
        plan.say(`${engine.name}${engine.otherSettings.length > 0 ? ` at ${setting}` : ''}: what it hears`);
        const process = await EngineProcess.start(
          engine,
          optionsOf(plan, engine, setting, audio.templates),
          core,
        );
        answers.get(engine.name)!.push(await hearAll(process, engine.words, setting, audio));
        await process.stop();
      }
    }),
  );
  return spotters.flatMap((engine) => {
    const own = answers.get(engine.name)!;
    own.sort((a, b) => Number(b.setting === engine.setting) - Number(a.setting === engine.setting));
    return engine.words.map((word) => judge(engine, word, audio, own));
  });
}

function optionsOf(
  { model, packages }: ComparePlan,
  engine: EngineDescription,
  setting: number | null,
  templates: Recordings | null,
): EngineOptions {
  return { words: engine.words, setting, model, packages, templates: engine.isTaught ? templates : null };
}

async function livePlan(quick: boolean): Promise<LivePlan> {
  const word = await readAudioFile(SAMPLE_FILE);
  return quick
    ? { settleSeconds: 1, windows: 2, windowSeconds: 1, word: word.slice(0, 32_000) }
    : { settleSeconds: 5, windows: 5, windowSeconds: 3, word: word.slice(0, 32_000) };
}
