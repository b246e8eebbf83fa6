import { readFileSync } from 'node:fs';
import { collectGarbage } from '../../collect-garbage.js';
import { WakegateError } from '../../errors.js';
import { SAMPLE_RATE } from '../source.js';

/** CPU time that a job may take at its start, for loading decoders; and for each second of sound, of which it takes some hundredths. */
const START_MS = 5000;
const MS_PER_SECOND = 1000;
const MB = 1024 * 1024;
/**
 * Memory outside the heap: buffers; and in all, with the fixed memory of decoders, 28 MB for Opus and 16 MB for others,
 * of which little is used. There may be two: the one before is not always collected yet.
 */
const MOST = { buffers: 16 * MB, all: 80 * MB };
/** Buffers that are no longer in use stay until they are collected, which is done whenever so much more was taken. */
const GROWTH = 6 * MB;

/** What one job may take of time and memory, on a thread where no other job runs. */
export class JobBudget {
  readonly #name: string;
  readonly #startMs = threadCpuMs();
  #samples = 0;
  /** Buffers that are in use, as far as is known. */
  #held = 0;

  /** @param name what the audio is called in errors */
  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Counts samples at 16 kHz that came out.
   *
   * @throws WakegateError WG_AUDIO_TOO_COSTLY where more was spent than any sound takes
   */
  spend(samples: number): void {
    this.#samples += samples;
    const spentMs = threadCpuMs() - this.#startMs;
    if (spentMs > START_MS + (MS_PER_SECOND * this.#samples) / SAMPLE_RATE)
      throw tooCostly(this.#name, 'time');
    const { arrayBuffers } = process.memoryUsage();
    const isMore = arrayBuffers > this.#held + GROWTH;
    this.#held = Math.min(this.#held, arrayBuffers);
    if (isMore) this.collect();
  }

  /**
   * Gives back what is no longer in use.
   *
   * @throws WakegateError WG_AUDIO_TOO_COSTLY where too much is in use
   */
  collect(): void {
    collectGarbage();
    const { arrayBuffers, external } = process.memoryUsage();
    this.#held = arrayBuffers;
    if (arrayBuffers > MOST.buffers || external > MOST.all) throw tooCostly(this.#name, 'memory');
  }
}

export function tooCostly(name: string, what: 'time' | 'memory'): WakegateError {
  return new WakegateError(
    'WG_AUDIO_TOO_COSTLY',
    `${name} takes more ${what} to decode than any sound does: it is damaged, or made to do harm`,
  );
}

/**
 * CPU time of the thread that calls, which does not depend on how busy the machine is. 0 where the kernel does not say:
 * then whoever waits for the thread has the only eye on it.
 */
function threadCpuMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]) / 1e6;
  } catch {
    return 0;
  }
}
