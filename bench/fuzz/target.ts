import { WakegateError } from '../../src/errors.js';

/** Something that reads what others send, and is to take little time and memory for it, whatever it is. */
export interface FuzzTarget {
  readonly name: string;
  /** Parts of the URLs of the code that is covered. */
  readonly code: readonly string[];
  /** Read at the start only, from a file of whoever runs it: it may take a second, and as much memory as it needs. */
  readonly isOwn?: boolean;
  seeds(): readonly Buffer[];
  /** Alters one of the inputs. */
  mutate(corpus: readonly Buffer[]): Buffer;
  /** Reads an input; `pause` stands where other work may come between. */
  read(input: Buffer, pause: Pause): Promise<void>;
}

/** Ends a piece of work, whose time and memory are then judged. @throws TooMuch */
export type Pause = () => void;

export class TooMuch extends Error {}

/** CPU time without a pause, on an idle desktop; and in all, of the heap or of buffers. */
const MOST_MS = 50;
const MOST_OWN_MS = 1000;
const MOST_BYTES = 32 * 1024 * 1024;
const ATTEMPTS = 3;

/**
 * What is wrong with how an input is read, the same in three tries; null where nothing is.
 *
 * @param slack how many times slower than that desktop the machine may be
 */
export async function problemWith(target: FuzzTarget, input: Buffer, slack: number): Promise<string | null> {
  let problem: string | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    problem = await problemOnce(target, input, slack);
    if (!problem) return null;
  }
  return problem;
}

async function problemOnce(target: FuzzTarget, input: Buffer, slack: number): Promise<string | null> {
  const mostMs = slack * (target.isOwn ? MOST_OWN_MS : MOST_MS);
  const startBytes = bytesHeld();
  let cpu = process.cpuUsage();
  const pause: Pause = () => {
    const ms = process.cpuUsage(cpu).user / 1000;
    const bytes = bytesHeld() - startBytes;
    if (ms > mostMs) throw new TooMuch(`${ms.toFixed(0)} ms without a pause`);
    if (bytes > MOST_BYTES && !target.isOwn) throw new TooMuch(`${(bytes / 2 ** 20).toFixed(0)} MB`);
    cpu = process.cpuUsage();
  };
  try {
    try {
      await target.read(input, pause);
    } catch (error) {
      if (!(error instanceof WakegateError)) throw error;
    }
    pause();
    return null;
  } catch (error) {
    return error instanceof TooMuch ? error.message : String((error as Error)?.stack ?? error);
  }
}

function bytesHeld(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return Math.max(arrayBuffers, heapUsed);
}
