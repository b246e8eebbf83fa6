import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { readPack, resolvePack } from '../../src/model/index.js';
import type { Clip } from '../../src/training/corpus/corpus.js';
import { readClips } from '../../src/training/corpus/manifest-clips.js';
import { atSnr } from '../../src/training/feed/add-noise.js';
import { drawPicture } from '../../src/training/figures/picture.js';
import { Random } from '../../src/training/random.js';
import { picture, type SetupResult, tables } from './report.js';
import { SETUPS, tally } from './run.js';

/** `npm run study:cascade`: what the gate and the second look each buy. See docs/reference/gated-compression.md. */

interface Options {
  readonly manifest: readonly string[];
  readonly model: string;
  readonly minutes: number;
  readonly out: string;
}

const options = new Command('study:cascade')
  .description('Measures the cascade with and without its gate, and with and without its second look.')
  .requiredOption('--manifest <csv...>', 'recordings, of which the dev split is heard')
  .option('--model <pack>', 'the pack', 'wake-words-en')
  .option('--minutes <n>', 'of each kind of recording without a keyword', Number, 60)
  .option('--out <dir>', 'where table, picture and figures are written', 'docs/study')
  .parse()
  .opts<Options>();

const SNR_DB = 10;
const pack = await readPack(await resolvePack(options.model));
const names = pack.keywords.map(({ name }) => name);
const random = new Random(41);
const clips = random.shuffled(await readClips(options.manifest, 'dev'));
const words = clips.filter(({ kind }) => kind === 'word');
const keywords = words.filter(({ label }) => names.includes(label));
const noises = clips.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
const noisy = keywords.map((clip) => ({ ...clip, samples: atSnr(clip.samples, noises, SNR_DB, random) }));
const without: Record<string, readonly Clip[]> = {
  speech: upTo(clips.filter(({ kind }) => kind === 'speech')),
  'single words': upTo(words.filter(({ label }) => !names.includes(label))),
  noise: upTo(clips.filter(({ kind }) => kind === 'noise')),
  music: upTo(clips.filter(({ kind }) => kind === 'music')),
};

const results: SetupResult[] = [];
for (const setup of SETUPS) {
  console.error(`study:cascade: ${setup.name}`);
  results.push({
    setup,
    without: await each(without, (some) => tally(pack, some, setup)),
    keywords: await each({ clean: keywords, [`${SNR_DB} dB`]: noisy }, (some) => tally(pack, some, setup)),
  });
}
await mkdir(options.out, { recursive: true });
const text = tables(results);
await writeFile(join(options.out, 'cascade.md'), text);
await writeFile(join(options.out, 'cascade.json'), `${JSON.stringify(results, null, 1)}\n`);
await writeFile(
  join(options.out, 'cascade.svg'),
  await drawPicture(picture(results, 'speech', `${SNR_DB} dB`)),
);
console.log(text);

/** The first clips, until they are as long as is asked for. */
function upTo(all: readonly Clip[]): Clip[] {
  let left = options.minutes * 60 * 16_000;
  return all.filter(({ samples }) => {
    const taken = left > 0;
    if (taken) left -= samples.length;
    return taken;
  });
}

async function each<T>(
  groups: Readonly<Record<string, readonly Clip[]>>,
  measure: (clips: readonly Clip[]) => Promise<T>,
): Promise<Record<string, T>> {
  const measured: Record<string, T> = {};
  for (const [name, some] of Object.entries(groups)) measured[name] = await measure(some);
  return measured;
}
