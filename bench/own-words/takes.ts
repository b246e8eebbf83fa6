import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { readAudioFile } from '../../src/audio/index.js';
import { formatOwnKeyword, type OwnKeyword, parseOwnKeyword, readPack } from '../../src/model/index.js';
import { readText } from '../../src/read-text.js';
import { parseCsv } from '../../src/training/corpus/csv.js';
import { rateInterval } from '../../src/training/evaluation/intervals.js';
import type { Forecast } from '../../src/training/own/forecast.js';
import { makeKeyword } from '../../src/training/own/make-keyword.js';
import { readPhrase } from '../../src/training/own/phrase.js';
import { scoresIn } from '../../src/training/own/score-clips.js';
import type { ClipCounts } from '../../src/training/own/speak-phrase.js';
import { problemOf, type Take } from '../../src/training/own/takes.js';

/**
 * What five takes bring: of each speaker of a word, the first five recordings that can be used are takes, and the keyword that is made with
 * them, as `wakegate keyword add --recordings` makes it, hears the others. The same others are heard by a keyword from text alone.
 *
 *   node dist/bench/own-words/takes.js --model DIR --manifest CSV --word jarvis --speakers p008,p049 --work DIR
 *
 * Keywords that `--work` has already are not made again: `--speakers none` makes that from text alone, `--no-alone` none, so that several
 * processes can make them, and the same command prints the table in the end. `--source heychatterbox/` takes the recordings whose source
 * path begins so, in place of those with the label of the word. `--quick` makes the keywords as `keyword add --quick` does, and none from
 * text alone. `--clips` is as in src/training/own/speak-phrase.ts. Forecasts refuse nothing here.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    manifest: { type: 'string' },
    word: { type: 'string' },
    source: { type: 'string' },
    speakers: { type: 'string' },
    work: { type: 'string', default: '.cache/own-words' },
    quick: { type: 'boolean', default: false },
    'no-alone': { type: 'boolean', default: false },
    clips: { type: 'string' },
  },
});
const TAKES = 5;
const { work, quick } = values;
const word = values.word!;
const pack = await readPack(values.model!);
const phrase = await readPhrase(word.replaceAll('_', ' '));
await mkdir(work, { recursive: true });
let last = '';

const ofSpeaker = await recordingsOf(values.manifest!);
const speakers = values.speakers?.split(',') ?? [...ofSpeaker.keys()];
const alone = quick || values['no-alone'] ? null : await keywordOf('alone', []);
const sums = { alone: 0, takes: 0, of: 0, speakers: 0 };
for (const speaker of speakers) {
  const clips: Take[] = [];
  for (const path of (ofSpeaker.get(speaker) ?? []).sort()) {
    clips.push({ name: basename(path), samples: await readAudioFile(path) });
  }
  const takes = clips.filter(({ samples }) => problemOf(samples) === null).slice(0, TAKES);
  const others = clips.filter((clip) => !takes.includes(clip)).map(({ samples }) => samples);
  if (takes.length < TAKES || others.length === 0) continue;
  const keyword = await keywordOf(quick ? `${speaker}-quick` : speaker, takes);
  const missed = await missedOf(keyword, others);
  const missedAlone = alone && (await missedOf(alone, others));
  sums.takes += missed;
  sums.alone += missedAlone ?? 0;
  sums.of += others.length;
  sums.speakers++;
  const { takesMissed, missed: strangers, falseAccepts } = keyword.forecast as unknown as Forecast;
  const expected = {
    takesMissed: takesMissed?.count,
    strangers: strangers.share,
    perHour: falseAccepts.perHour,
  };
  console.error(JSON.stringify({ word, speaker, quick, of: others.length, missed, missedAlone, expected }));
}
const cells = [
  word,
  String(sums.speakers),
  alone ? share(sums.alone, sums.of) : 'not made',
  share(sums.takes, sums.of),
];
if (sums.of > 0) console.log(`| ${cells.join(' | ')} |`);

async function keywordOf(who: string, takes: readonly Take[]): Promise<OwnKeyword> {
  const path = join(work, `${word}-${who}.json`);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null) return parseOwnKeyword(text, path);
  const startedMs = performance.now();
  const { keyword } = await makeKeyword({
    pack,
    // Some words of measuring are keywords of the pack.
    name: `own_${word}`,
    phrase,
    takes,
    folder: join(work, word),
    cache: work,
    anyway: true,
    quick,
    ...(values.clips !== undefined && { clips: JSON.parse(values.clips) as ClipCounts }),
    onProgress: ({ stage }) => {
      if (stage !== last) console.error(word, who, stage, Math.round(process.cpuUsage().user / 1e6));
      last = stage;
    },
  });
  const minutes = (performance.now() - startedMs) / 60_000;
  const { userCPUTime, maxRSS } = process.resourceUsage();
  console.error(
    `${word} ${who}: ${minutes.toFixed(1)} minutes, ${Math.round(userCPUTime / 1e6)} s of CPU, ${maxRSS >> 10} MB`,
  );
  await writeFile(path, formatOwnKeyword(keyword));
  return keyword;
}

async function missedOf(keyword: OwnKeyword, clips: readonly Int16Array[]): Promise<number> {
  return (await scoresIn(pack, keyword, clips)).filter((score) => score < keyword.threshold).length;
}

/** Files of the word in both splits, by speaker. */
async function recordingsOf(manifest: string): Promise<Map<string, string[]>> {
  const [header = [], ...lines] = parseCsv(await readText(manifest));
  const cell = (cells: readonly string[], column: string) => cells[header.indexOf(column)] ?? '';
  const found = new Map<string, string[]>();
  for (const cells of lines) {
    const isWord = values.source
      ? cell(cells, 'source_path').startsWith(values.source)
      : cell(cells, 'kind') === 'word' && cell(cells, 'label') === word;
    if (!isWord || cell(cells, 'speaker') === '') continue;
    const speaker = cell(cells, 'speaker');
    found.set(speaker, [...(found.get(speaker) ?? []), join(manifest, '..', cell(cells, 'path'))]);
  }
  return found;
}

function share(count: number, of: number): string {
  const [low, high] = rateInterval(count, of).map((value) => (100 * value).toFixed(1));
  return `${((100 * count) / of).toFixed(1)} % (${count} of ${of}; ${low} to ${high} %)`;
}
