import type { Command } from 'commander';
import { parseWhole } from './option-values.js';

/** Adds what every command takes that trains on keywords which Kokoro speaks. */
export function withKokoroClips(command: Command): Command {
  return command.option(
    '--kokoro <n>',
    'Clips of each keyword by voices of Kokoro too, and a sixth as many of each word that sounds like one',
    parseWhole,
  );
}
