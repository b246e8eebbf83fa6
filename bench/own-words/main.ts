import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readAudioFile } from '../../src/audio/index.js';
import { formatOwnKeyword, readPack } from '../../src/model/index.js';
import { drawOf } from '../../src/training/bank/chosen-recordings.js';
import { saysPhrase, wordsIn } from '../../src/training/bank/said-words.js';
import { conditionOf } from '../../src/training/conditions/condition.js';
import { countInterval, rateInterval } from '../../src/training/evaluation/intervals.js';
import { Embedder } from '../../src/training/own/embedder.js';
import { KeywordEar } from '../../src/training/own/keyword-ear.js';
import { makeKeyword } from '../../src/training/own/make-keyword.js';
import { readPhrase } from '../../src/training/own/phrase.js';
import type { ClipCounts } from '../../src/training/own/speak-phrase.js';
import { readTaken } from './recordings.js';
import { Unheard } from './unheard.js';

/**
 * Own keywords from text alone, on words that a pack never had as keywords: what the forecast says, and what is measured on real
 * recordings of dev. False accepts are counted in those dev recordings that are not in the bank and do not say the word.
 *
 *   node dist/bench/own-words/main.js --model DIR --manifest CSV... --unheard CSV... --texts CSV --words happy,zero,استقبال@ar --work DIR
 *
 * `--manifest` are those that the bank was made of, with `--bank-words`; `--unheard` are others, and `--said` have
 * recordings of the words only. `--clips` is as in
 * src/training/own/speak-phrase.ts, `--steps` are those of training, `--splits train,dev` hears the word in both,
 * and `--at-most` is how many recordings of it are heard, drawn by their names.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    manifest: { type: 'string', multiple: true, default: [] },
    unheard: { type: 'string', multiple: true, default: [] },
    said: { type: 'string', multiple: true, default: [] },
    texts: { type: 'string' },
    words: { type: 'string' },
    work: { type: 'string', default: '.cache/own-words' },
    'dev-share': { type: 'string', default: '0.5' },
    'bank-words': { type: 'string', default: 'gcompris=0.25,tuxpaint=0.25,arabic-commands=0.15' },
    clips: { type: 'string' },
    steps: { type: 'string' },
    splits: { type: 'string', default: 'dev' },
    'at-most': { type: 'string', default: '120' },
  },
});
const work = values.work;
const pack = await readPack(values.model!);
const {
  words: recordings,
  negatives,
  noises,
} = await readTaken({
  manifests: values.manifest,
  unheard: values.unheard,
  said: values.said,
  devShare: Number(values['dev-share']),
  words: Object.fromEntries(
    values['bank-words'].split(',').map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]),
  ),
  ...(values.texts !== undefined && { texts: values.texts }),
});
await mkdir(work, { recursive: true });
const splits = values.splits.split(',');
const noisy = conditionOf('snr10')!;
const embedder = await Embedder.load(pack);
const unheard = await Unheard.read(pack, embedder, negatives);
console.log(
  '| word | missed, clean | expected | missed, 10 dB | expected in noise | false accepts an hour | in speech, noise, music | in single words | ' +
    'expected | missed clean / 10 dB at 0.5 an hour of these hours | at 0.2 | left out of the bank | minutes | CPU |',
);
console.log(`|${' --- |'.repeat(14)}`);
for (const named of values.words!.split(',')) {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const [word, language] = named.split('@');
  const phrase = await readPhrase(word.replaceAll('_', ' '), language);
  const { keyword, forecast } = await makeKeyword({
    pack,
    // Some words of measuring are keywords of the pack.
    name: `own_${word}`,
    phrase,
    folder: join(work, word),
    cache: work,
    anyway: true,
    ...(values.clips !== undefined && { clips: JSON.parse(values.clips) as ClipCounts }),
    ...(values.steps !== undefined && { steps: Number(values.steps) }),
    onProgress: ({ stage }) => console.error(stage, word, Math.round(performance.now() - startedMs)),
  });
  const minutes = (performance.now() - startedMs) / 60_000;
  const { user, system } = process.cpuUsage(before);
  await writeFile(join(work, `${word}.json`), formatOwnKeyword(keyword));
  const ear = await KeywordEar.open(pack, keyword, embedder);
  const said = wordsIn(phrase.text);
  const clean: number[] = [];
  const inNoise: number[] = [];
  const ofWord = recordings.filter(
    ({ split, text, label }) =>
      splits.includes(split) && wordsIn(text ?? label.replaceAll('_', ' ')).join('') === said.join(''),
  );
  const drawn = ofWord.sort((a, b) => drawOf(a.path) - drawOf(b.path)).slice(0, Number(values['at-most']));
  for (const { file } of drawn) {
    const clip = await readAudioFile(file);
    clean.push(bestIn(ear, clip));
    inNoise.push(bestIn(ear, await noisy.apply(clip, noises)));
  }
  const isCounted = ({ text }: { text: string | null }) => text === null || !saysPhrase(wordsIn(text), said);
  const peaks = await unheard.peaks(ear, 0.001, isCounted);
  const sounds = unheard.hours(isCounted, (kind) => kind !== 'word');
  const words = unheard.hours(isCounted, (kind) => kind === 'word');
  const heard = peaks.filter(({ score }) => score >= keyword.threshold);
  const inWords = heard.filter(({ kind }) => kind === 'word').length;
  const missed = (scores: readonly number[], threshold: number) =>
    scores.filter((score) => score < threshold).length;
  // With the threshold that has so many on these very hours: what the keyword could do, whatever the bank said.
  const at = (perHour: number) => {
    const bar = (peaks[Math.floor(perHour * (sounds + words))]?.score ?? 0) + 1e-9;
    return `${missed(clean, bar)} / ${missed(inNoise, bar)} of ${clean.length}`;
  };
  const { missed: expected, missedInNoise: expectedInNoise, falseAccepts, leftOut } = forecast;
  const cells = [
    word,
    share(missed(clean, keyword.threshold), clean.length),
    percent(expected.share),
    share(missed(inNoise, keyword.threshold), inNoise.length),
    percent(expectedInNoise!.share),
    rate(heard.length, sounds + words),
    rate(heard.length - inWords, sounds),
    rate(inWords, words),
    falseAccepts.perHour.toFixed(2),
    at(0.5),
    at(0.2),
    leftOut ? `${leftOut.clips} clips` : 'not known',
    minutes.toFixed(1),
    `${Math.round((user + system) / 1e6)} s`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

/** The highest score in a clip, between silence. */
function bestIn(ear: KeywordEar, clip: Int16Array): number {
  const samples = new Int16Array(32_000 + clip.length + 16_000);
  samples.set(clip, 32_000);
  return ear.hear(samples).reduce((best, score) => Math.max(best, score), 0);
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function share(count: number, of: number): string {
  const [low, high] = rateInterval(count, of).map((value) => (100 * value).toFixed(1));
  return `${percent(count / of)} (${count} of ${of}; ${low} to ${high} %)`;
}

function rate(count: number, hours: number): string {
  if (hours === 0) return 'none';
  const [low, high] = countInterval(count, hours).map((value) => value.toFixed(2));
  return `${(count / hours).toFixed(2)} (${count} in ${hours.toFixed(1)} h; ${low} to ${high})`;
}
