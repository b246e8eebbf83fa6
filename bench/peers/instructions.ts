import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { joined, quietRoom } from '../measure.js';
import { keep } from './audio.js';
import { environmentOf, programOf } from './engine-process.js';
import type { EngineDescription } from './engines.js';
import type { EngineOptions } from './protocol.js';

/** Instructions that an engine executes per second of audio, all threads together: Valgrind counts them, so other work does not change them. */
export interface Instructions {
  readonly quiet: number;
  readonly speech: number;
}

/** So much of each kind is heard before anything is counted, since code is compiled while it is first heard; and counted then. */
const HEARD = { seconds: 20, rounds: 8 };
/** Of libraries that cost much, and take minutes in Valgrind. */
const HEARD_SLOWLY = { seconds: 5, rounds: 2 };

/** Null where Valgrind is not installed. */
export function valgrindVersion(): string | null {
  try {
    return execFileSync('valgrind', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** What more of a kind costs, once all is compiled: the difference of two runs. */
export async function countInstructions(
  engine: EngineDescription,
  options: EngineOptions,
  { folder, speech }: { readonly folder: string; readonly speech: readonly Int16Array[] },
): Promise<Instructions> {
  const { seconds, rounds } = engine.isSlow ? HEARD_SLOWLY : HEARD;
  const length = seconds * 16_000;
  const quiet = (await keep(folder, 'instructions-quiet', [quietRoom(length)])).path;
  const voices = (await keep(folder, 'instructions-speech', [joined(speech, length)])).path;
  const before = Array.from({ length: rounds }, () => [quiet, voices]).flat();
  const base = await executed(engine, options, before);
  const perSecond = async (path: string) => {
    const more = [...before, ...Array<string>(rounds).fill(path)];
    return Math.max(0, (await executed(engine, options, more)) - base) / rounds / seconds;
  };
  return { quiet: await perSecond(quiet), speech: await perSecond(voices) };
}

/** All that a process executes which hears those files, from its start to its end. */
async function executed(
  engine: EngineDescription,
  options: EngineOptions,
  paths: readonly string[],
): Promise<number> {
  const valgrind = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'];
  const child = spawn('valgrind', [...valgrind, ...programOf(engine, options)], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: environmentOf(engine),
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.end(paths.map((path) => `${JSON.stringify({ do: 'spend', path })}\n`).join(''));
  await once(child, 'close');
  const count = /I\s+refs:\s+([\d,]+)/.exec(said)?.[1];
  if (count === undefined)
    throw new Error(`Valgrind has counted nothing of ${engine.name}: ${said.slice(-500)}`);
  return Number(count.replaceAll(',', ''));
}
