import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findOnPath } from '../audio/index.js';

const run = promisify(execFile);

/** Programs that play a WAV file, in the order in which they are tried; each comes with one that records. */
const PLAYERS = ['aplay', 'paplay', 'pw-play', 'play', 'afplay'] as const;
const LONGEST_MS = 20_000;

/** Plays a file, or says why nothing is heard. */
export async function playFile(file: string): Promise<void> {
  const installed = PLAYERS.map(findOnPath).filter((path) => path !== null);
  for (const path of installed) {
    try {
      await run(path, [file], { timeout: LONGEST_MS });
      return;
    } catch {
      // Another may have something to play to.
    }
  }
  const why =
    installed.length === 0 ? `none of ${PLAYERS.join(', ')} is installed` : 'there is no loudspeaker';
  console.error(`It cannot be played here: ${why}. It is in ${file}.`);
}
