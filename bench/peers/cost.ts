import { readCorpus } from '../../src/training/corpus/corpus.js';
import { joined, quietRoom } from '../measure.js';
import { keep } from './audio.js';
import type { EngineProcess } from './engine-process.js';
import { type Spread, spreadOf } from './spread.js';

/** CPU milliseconds per second of audio, by kind; files that were made for it. */
export interface CostAudio {
  readonly kinds: Readonly<Record<string, string>>;
  /** Everyday noise over a quiet room, by its level in dBFS. */
  readonly levels: readonly { readonly dbfs: number; readonly path: string }[];
}

export interface Cost {
  readonly kinds: Readonly<Record<string, Spread>>;
  readonly levels: readonly { readonly dbfs: number; readonly cpuMs: Spread }[];
}

const LEVELS_DBFS = [-60, -50, -40, -30, -20];

/** Audio of each kind, so many seconds long: a quiet room costs so little that more of it is to be heard. */
export async function costAudio(
  folder: string,
  seconds: { readonly quiet: number; readonly other: number },
): Promise<CostAudio> {
  const length = seconds.other * 16_000;
  const quiet = quietRoom(seconds.quiet * 16_000);
  const clips = await readCorpus('dev', '.cache');
  const ofKind = (kind: string) =>
    joined(
      clips.filter((clip) => clip.kind === kind).map(({ samples }) => samples),
      length,
    );
  const kinds: Record<string, string> = { quiet: (await keep(folder, 'cost-quiet', [quiet])).path };
  for (const kind of ['speech', 'music', 'noise'])
    kinds[kind] = (await keep(folder, `cost-${kind}`, [ofKind(kind)])).path;

  const noise = ofKind('noise');
  const levels: { dbfs: number; path: string }[] = [];
  for (const dbfs of LEVELS_DBFS) {
    const gain = (32_768 * 10 ** (dbfs / 20)) / rms(noise);
    const mixed = quiet
      .subarray(0, length)
      .map((sample, i) => Math.max(-32_768, Math.min(32_767, Math.round(sample + gain * noise[i]))));
    levels.push({ dbfs, path: (await keep(folder, `cost-level${dbfs}`, [mixed])).path });
  }
  return { kinds, levels };
}

/** Each after a run that is not counted. */
export async function measureCost(engine: EngineProcess, audio: CostAudio, runs: number): Promise<Cost> {
  const measure = async (path: string) => {
    await engine.spend(path);
    const costs: number[] = [];
    for (let run = 0; run < runs; run++) {
      const { cpuMs, seconds } = await engine.spend(path);
      costs.push(cpuMs / seconds);
    }
    return spreadOf(costs);
  };
  const kinds: Record<string, Spread> = {};
  for (const [kind, path] of Object.entries(audio.kinds)) kinds[kind] = await measure(path);
  const levels: Cost['levels'][number][] = [];
  for (const { dbfs, path } of audio.levels) levels.push({ dbfs, cpuMs: await measure(path) });
  return { kinds, levels };
}

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
}
