import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asWakegateError } from '../../errors.js';
import { formatOwnKeyword, readPack } from '../../model/index.js';
import { makeKeyword } from './make-keyword.js';
import { readPhrase } from './phrase.js';
import { readTakes } from './takes.js';

/** A keyword that is made in a process of its own, for the daemon: `node job.js FOLDER`, with a channel to the parent. */

interface JobFile {
  readonly model: string;
  readonly name: string;
  readonly phrase: string;
  readonly takes: readonly string[];
  readonly cache: string;
  readonly clips?: { kokoro: number; programs: number; heldOut: number; near: number };
  readonly steps?: number;
}

const folder = process.argv[2];
try {
  const job = JSON.parse(await readFile(join(folder, 'job.json'), 'utf8')) as JobFile;
  await mkdir(folder, { recursive: true });
  const phrase = await readPhrase(job.phrase);
  const { keyword, forecast, advice } = await makeKeyword({
    pack: await readPack(job.model),
    name: job.name,
    phrase,
    takes: await readTakes(job.takes.map((take) => join(folder, take))),
    folder,
    cache: job.cache,
    ...(job.clips && { clips: job.clips }),
    ...(job.steps && { steps: job.steps }),
    onProgress: (progress) => send({ progress }),
  });
  await rm(join(folder, 'clips'), { recursive: true, force: true });
  send({ keyword: formatOwnKeyword(keyword), forecast, advice });
} catch (error) {
  const { code, message } = asWakegateError(error, 'WG_INTERNAL', 'the keyword could not be made');
  send({ failed: { code, message } });
}
process.disconnect?.();

function send(message: object): void {
  process.send?.(message);
}
