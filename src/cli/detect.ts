import { type Command, InvalidArgumentError } from 'commander';
import { channelOf } from '../audio/channel.js';
import { type ConfigKey, loadConfig } from '../config/index.js';
import { addConfigFlags, givenFlags } from './config-flags.js';
import { JsonOutput, TextOutput } from './detect-output.js';
import { addExamples } from './examples.js';
import { namedFiles } from './file-list.js';

const KEYS = [
  'model',
  'backend',
  'gate',
  'levelGate',
  'secondLook',
  'mfcc',
  'stateDirectory',
] as const satisfies readonly ConfigKey[];
const DEFAULT_JOBS = 8;
const MAX_JOBS = 64;

interface DetectOptions extends Partial<Record<(typeof KEYS)[number], string>> {
  readonly list?: string;
  readonly json?: boolean;
  readonly threshold?: number;
  readonly channel?: number;
  readonly jobs: number;
  readonly config?: string;
}

export function detectCommand(command: Command): void {
  command
    .description('Find keywords in audio files, faster than real time')
    .argument('[files...]', 'WAV, AIFF, FLAC, MP3, Ogg or WebM files')
    .option('--list <file>', 'Read the paths of the files from a list, one on each line; - for stdin')
    .option('--json', 'Print one line of JSON for each file, with exact numbers')
    .option('--threshold <score>', 'Use this threshold for every keyword, over 0 and up to 1', parseThreshold)
    .option('--channel <which>', 'Listen to one channel: a number, left, right, or mix for all', parseChannel)
    .option(
      '--jobs <number>',
      'How many files to process at a time; it changes the speed, not the results',
      parseJobs,
      DEFAULT_JOBS,
    );
  addConfigFlags(command, KEYS).action(detect);
  addExamples(command, {
    'wakegate detect kitchen.wav': 'Print the keywords in a file, with time and score',
    'find . -name "*.flac" | wakegate detect --list - --json': 'Many files, as JSON lines',
  });
}

async function detect(files: string[], options: DetectOptions): Promise<void> {
  const paths = await namedFiles(files, options.list);
  const config = await loadConfig({ file: options.config, flags: givenFlags({ ...options }, KEYS) });
  const { detectFiles } = await import('./detect-files.js');
  const output = options.json ? new JsonOutput() : new TextOutput();
  const allHeard = await detectFiles(paths, { ...options, config, output });
  if (!allHeard) process.exitCode = 1;
}

function parseThreshold(text: string): number {
  const threshold = Number(text);
  if (text.trim() !== '' && threshold > 0 && threshold <= 1) return threshold;
  throw new InvalidArgumentError('Give a number over 0 and up to 1.');
}

function parseChannel(text: string): number {
  const channel = channelOf(text);
  if (channel !== null) return channel;
  throw new InvalidArgumentError('Give the number of a channel, counted from 1; left, right or mix.');
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= MAX_JOBS) return jobs;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_JOBS}.`);
}
