import { join } from 'node:path';
import type { Command } from 'commander';
import type { RecordingSet } from '../training/feed/background.js';
import { parseWhole } from './option-values.js';

/** Adds what every command takes that trains on keywords which Kokoro speaks. */
export function withKokoroClips(command: Command): Command {
  return command.option(
    '--kokoro <n>',
    'Clips of each keyword by voices of Kokoro too, and a sixth as many of each word that sounds like one',
    parseWhole,
  );
}

/** More recordings than those of the data folder, and where `prepare` has put what it made of them. */
export function moreRecordings(folders: readonly string[], cache: string): RecordingSet[] {
  return folders.map((data, i) => ({ data, cache: join(cache, i === 0 ? 'more' : `more-${i + 1}`) }));
}
