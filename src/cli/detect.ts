import { type Command, InvalidArgumentError } from 'commander';
import type { ConfigKey } from '../config/index.js';
import { asWakegateError } from '../errors.js';
import { addConfigFlags, givenFlags } from './config-flags.js';

const KEYS = ['model', 'backend', 'gate'] as const satisfies readonly ConfigKey[];
const DEFAULT_JOBS = 8;
const MAX_JOBS = 64;

interface DetectOptions extends Partial<Record<ConfigKey, string>> {
  readonly list?: string;
  readonly json?: boolean;
  readonly threshold?: number;
  readonly jobs: number;
  readonly config?: string;
}

export function detectCommand(command: Command): void {
  command
    .description('say what is heard in audio files, as fast as it goes')
    .argument('[files...]', 'WAV, FLAC, Ogg or MP3')
    .option('--list <file>', 'take the files from a list, one path a line; - for stdin')
    .option('--json', 'print one line of JSON for each file, in their order')
    .option('--threshold <score>', 'detect every keyword at this score, over 0 and up to 1', parseThreshold)
    .option(
      '--jobs <number>',
      'files under way at a time: while the classifier, a thread of its own, answers for some, others are ' +
        'listened to; what is found does not depend on it',
      parseJobs,
      DEFAULT_JOBS,
    );
  addConfigFlags(command, KEYS).action(detect);
}

async function detect(files: string[], options: DetectOptions): Promise<void> {
  const [
    { namedFiles },
    { loadConfig, configureKeywords },
    { readPack, resolvePack },
    { Classifier },
    { detectFile, CLASSIFIER_ROOM },
    { JsonOutput, TextOutput },
    { startJobs },
    { ProgressBar },
  ] = await Promise.all([
    import('./file-list.js'),
    import('../config/index.js'),
    import('../model/index.js'),
    import('../classifier/index.js'),
    import('../detect-file.js'),
    import('./detect-output.js'),
    import('./jobs.js'),
    import('./progress-bar.js'),
  ]);
  const { threshold, jobs } = options;
  const paths = await namedFiles(files, options.list);
  const config = await loadConfig({ file: options.config, flags: givenFlags({ ...options }, KEYS) });
  const read = await readPack(await resolvePack(config.model));
  const configured = configureKeywords(read.keywords, config.keywords);
  const keywords = configured.map((keyword) =>
    threshold === undefined ? keyword : { ...keyword, threshold },
  );
  const pack = { ...read, keywords };

  const classifier = new Classifier({
    pack,
    backend: config.backend,
    capacity: 2 * CLASSIFIER_ROOM * jobs,
  });
  const output = options.json ? new JsonOutput() : new TextOutput();
  const progress = new ProgressBar(paths.length);
  const results = startJobs(paths, jobs, (path, streamId) =>
    detectFile(path, { pack, classifier, streamId, gate: config.gate })
      .catch((error: unknown) => asWakegateError(error, 'WG_INTERNAL', `${path} could not be listened to`))
      .finally(() => progress.advance()),
  );
  for (const [index, result] of results.entries()) {
    const report = await result;
    progress.clear();
    if (report instanceof Error) {
      output.fault(paths[index], report);
      process.exitCode = 1;
    } else {
      output.report(report);
    }
  }
  output.end();
  await classifier.close();
}

function parseThreshold(text: string): number {
  const threshold = Number(text);
  if (text.trim() !== '' && threshold > 0 && threshold <= 1) return threshold;
  throw new InvalidArgumentError('Give a number over 0 and up to 1.');
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= MAX_JOBS) return jobs;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_JOBS}.`);
}
