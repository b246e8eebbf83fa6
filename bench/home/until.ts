import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 100;

/**
 * What `look` gives, as soon as it gives something.
 *
 * @throws Error that says what was waited for
 */
export async function until<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const over = Date.now() + 1000 * seconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > over) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(EVERY_MS);
  }
}

/** Whether it comes about within the time. */
export async function comesAbout(
  seconds: number,
  look: () => Promise<boolean | undefined> | boolean | undefined,
): Promise<boolean> {
  try {
    return await until('it', seconds, look);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('it: ')) return false;
    throw error;
  }
}
