import { readAudioFile } from '../../src/audio/index.js';
import { SAMPLE_FILE } from '../paths.js';
import type { WordAccuracy } from './accuracy.js';
import { type Cost, costAudio, measureCost } from './cost.js';
import { EngineMissing, EngineProcess } from './engine-process.js';
import { COMMON_WORD, type EngineDescription } from './engines.js';
import type { Instructions } from './instructions.js';
import { type Live, type LivePlan, liveDaemon, liveEngine } from './live.js';
import type { EngineOptions, Recordings } from './protocol.js';
import { type Spread, spreadOf } from './spread.js';

/** All that the page and the pictures are made of. */
export interface Comparison extends Costs {
  /** Where and when each part was measured. */
  readonly machines: Readonly<Partial<Record<'accuracy' | 'cost' | 'instructions', string>>>;
  readonly accuracy: readonly WordAccuracy[];
  /** Instructions per second of audio; see instructions.ts. */
  readonly instructions?: Readonly<Record<string, Instructions>>;
}

export interface Costs {
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
  /** Folder with a package.json that the engines are installed for. */
  readonly packages: string;
  /** For audio; gone after. */
  readonly folder: string;
  readonly cores: readonly number[];
  readonly quick: boolean;
  readonly say: (progress: string) => void;
}

/** What all engines cost, one by one on one core. */
export async function measureCosts(
  plan: ComparePlan,
  templates: Recordings | null,
): Promise<Omit<Costs, 'missing'>> {
  const { folder, quick, engines } = plan;
  const sounds = await costAudio(folder, quick ? { quiet: 10, other: 5 } : { quiet: 60, other: 20 });
  const costs: Record<string, Cost> = {};
  const lives: Record<string, Live> = {};
  const starts: Record<string, Spread> = {};
  const live = await livePlan(quick);
  const core = plan.cores.at(-1)!;
  for (const engine of engines) {
    plan.say(`${engine.name}: what it costs`);
    const options = commonWordOptions(plan, engine, templates);
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
  return { costs, lives, starts };
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

/** One word each: some run a model for every word. */
export function commonWordOptions(
  plan: ComparePlan,
  engine: EngineDescription,
  templates: Recordings | null,
): EngineOptions {
  const words = engine.words.filter((word) => word === COMMON_WORD);
  return { ...optionsOf(plan, engine, engine.setting, templates), words };
}

export function optionsOf(
  { model, packages }: Pick<ComparePlan, 'model' | 'packages'>,
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
