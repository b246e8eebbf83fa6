import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAudioFile } from '../../audio/index.js';
import { asWakegateError } from '../../errors.js';
import { formatOwnKeyword, parseOwnKeyword, readPack } from '../../model/index.js';
import { comparisonOf, improveKeyword } from './improve-keyword.js';
import { makeKeyword } from './make-keyword.js';
import { readPhrase } from './phrase.js';
import { spokenFolder } from './spoken-folder.js';
import { readTakes } from './takes.js';
import { withTurn } from './turn.js';

/** A keyword that is made in a process of its own, for the daemon: `node job.js FOLDER`, with a channel to the parent. */

interface JobFile {
  readonly model: string;
  readonly name: string;
  readonly phrase: string;
  readonly language?: string;
  readonly takes: readonly string[];
  readonly cache: string;
  readonly clips?: { kokoro: number; programs: number; heldOut: number; near: number };
  readonly steps?: number;
  /** Takes it though the forecast is bad, as that of a small bank is. */
  readonly anyway?: boolean;
  /** What a keyword is made again with: its file, and files of captures in which it was said, or was not. */
  readonly improve?: { old: string; right: readonly string[]; wrong: readonly string[] };
}

// Whoever asked for it is no more: the next daemon begins it again.
process.once('disconnect', () => process.exit());
const folder = process.argv[2];
try {
  const job = JSON.parse(await readFile(join(folder, 'job.json'), 'utf8')) as JobFile;
  send(
    await withTurn(
      job.cache,
      () => {},
      () => resultOf(job),
    ),
  );
} catch (error) {
  const { code, message } = asWakegateError(error, 'WG_INTERNAL', 'the keyword could not be made');
  send({ failed: { code, message } });
}
process.disconnect?.();

function send(message: object): void {
  process.send?.(message);
}

async function resultOf(job: JobFile): Promise<object> {
  const phrase = await readPhrase(job.phrase, job.language);
  const settings = {
    pack: await readPack(job.model),
    takes: await readTakes(job.takes.map((take) => join(folder, take))),
    folder: await spokenFolder(job.cache, phrase),
    cache: job.cache,
    ...(job.clips && { clips: job.clips }),
    ...(job.steps && { steps: job.steps }),
    ...(job.anyway && { anyway: true }),
    onProgress: (progress: object) => send({ progress }),
  };
  if (!job.improve) {
    const { keyword, forecast, advice } = await makeKeyword({ ...settings, name: job.name, phrase });
    return { keyword: formatOwnKeyword(keyword), forecast, advice };
  }
  const read = (files: readonly string[]) =>
    Promise.all(files.map((file) => readAudioFile(join(folder, file))));
  const [right, wrong] = [await read(job.improve.right), await read(job.improve.wrong)];
  const old = parseOwnKeyword(job.improve.old, `keyword ${job.name}`);
  const improved = await improveKeyword({ ...settings, old, right, wrong });
  const advice = comparisonOf(improved, { right, wrong });
  return improved.isBetter ? { keyword: formatOwnKeyword(improved.made.keyword), advice } : { advice };
}
