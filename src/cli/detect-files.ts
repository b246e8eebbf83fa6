import { type Config, configureKeywords } from '../config/index.js';
import { stateDirectoryOf } from '../daemon/state-directory.js';
import { asWakegateError } from '../errors.js';
import { homeDirectory } from '../home-directory.js';
import { KeywordFolder, type ModelPack, readPack, resolvePack, withFittingKeywords } from '../model/index.js';
import { KeywordSpotter } from '../spotter.js';
import type { DetectOutput } from './detect-output.js';
import { startJobs } from './jobs.js';
import { ProgressBar } from './progress-bar.js';

export interface DetectFilesOptions {
  readonly config: Config;
  readonly output: DetectOutput;
  /** How many files are processed at a time. */
  readonly jobs: number;
  /** The threshold of every keyword, in place of its own. */
  readonly threshold?: number;
  /** The only channel of the files to listen to, counted from 1; 0 for the mean of all. */
  readonly channel?: number;
}

/** The pack with the keywords that this user's daemon has for it. */
async function withKeywordsOf(config: Config, pack: ModelPack): Promise<ModelPack> {
  if (config.stateDirectory === undefined && homeDirectory() === null) return pack;
  const { keywords } = await new KeywordFolder(stateDirectoryOf(config)).list();
  // Those of other packs are none of this one's.
  return withFittingKeywords(pack, keywords).pack;
}

/**
 * Finds keywords in every file, each in a stream of its own, with one spotter for all of them.
 *
 * @returns whether every file could be processed
 * @throws WakegateError for what is wrong with the model pack
 */
export async function detectFiles(
  paths: readonly string[],
  { config, output, jobs, threshold, channel = 0 }: DetectFilesOptions,
): Promise<boolean> {
  const read = await withKeywordsOf(config, await readPack(await resolvePack(config.model)));
  const keywords = configureKeywords(read.keywords, config.keywords).map((keyword) =>
    threshold === undefined ? keyword : { ...keyword, threshold },
  );
  const { backend, gate, levelGate, secondLook, mfcc } = config;
  const stages = { gate, levelGate, secondLook, mfcc };
  const spotter = await KeywordSpotter.load({ model: { ...read, keywords }, backend, ...stages });
  const progress = new ProgressBar(paths.length);
  const results = startJobs(paths, jobs, (path) =>
    spotter
      .detect(path, { channel })
      .catch((error: unknown) => asWakegateError(error, 'WG_INTERNAL', `${path} could not be processed`))
      .finally(() => progress.advance()),
  );
  let allHeard = true;
  for (const [index, result] of results.entries()) {
    const report = await result;
    progress.clear();
    if (report instanceof Error) {
      output.fault(paths[index], report);
      allHeard = false;
    } else {
      output.report(report);
    }
  }
  output.end();
  await spotter.close();
  return allHeard;
}
