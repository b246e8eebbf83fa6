import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { readAudioFile } from '../../src/audio/index.js';
import { type OwnKeyword, readPack } from '../../src/model/index.js';
import { readText } from '../../src/read-text.js';
import { parseCsv } from '../../src/training/corpus/csv.js';
import { rateInterval } from '../../src/training/evaluation/intervals.js';
import { type MakeKeyword, makeKeyword } from '../../src/training/own/make-keyword.js';
import { readPhrase } from '../../src/training/own/phrase.js';
import { scoresIn } from '../../src/training/own/score-clips.js';
import { problemOf, type Take } from '../../src/training/own/takes.js';

/**
 * What five takes bring: of each speaker of a word, the first five recordings that can be used are takes, and the keyword that is made with
 * them, as `wakegate keyword add --recordings` makes it, hears the others. The same others are heard by a keyword from text alone.
 *
 *   node dist/bench/own-words/takes.js --model DIR --manifest CSV --word jarvis --speakers p008,p049 --work DIR
 *
 * `--source heychatterbox/` takes the recordings whose source path begins so, in place of those with the label of the word. `--quick` makes
 * the keywords as `keyword add --quick` does, and none from text alone. Forecasts refuse nothing here.
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
  },
});
const TAKES = 5;
const { work, quick } = values;
const word = values.word!;
const pack = await readPack(values.model!);
const phrase = await readPhrase(word.replaceAll('_', ' '));
await mkdir(work, { recursive: true });

const ofSpeaker = await recordingsOf(values.manifest!);
const speakers = values.speakers?.split(',') ?? [...ofSpeaker.keys()];
const alone = quick ? null : await make([]);
const sums = { alone: 0, takes: 0, of: 0 };
for (const speaker of speakers) {
  const clips: Take[] = [];
  for (const path of (ofSpeaker.get(speaker) ?? []).sort()) {
    clips.push({ name: basename(path), samples: await readAudioFile(path) });
  }
  const takes = clips.filter(({ samples }) => problemOf(samples) === null).slice(0, TAKES);
  const others = clips.filter((clip) => !takes.includes(clip)).map(({ samples }) => samples);
  if (takes.length < TAKES || others.length === 0) continue;
  const startedMs = performance.now();
  const before = process.cpuUsage().user;
  const { keyword, forecast } = await make(takes);
  const cost = {
    seconds: Math.round((performance.now() - startedMs) / 1000),
    cpuSeconds: Math.round((process.cpuUsage().user - before) / 1e6),
    megabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  const missed = await missedOf(keyword, others);
  const missedAlone = alone && (await missedOf(alone.keyword, others));
  sums.takes += missed;
  sums.alone += missedAlone ?? 0;
  sums.of += others.length;
  const { takesMissed, missed: strangers, falseAccepts } = forecast;
  const expected = {
    takesMissed: takesMissed?.count,
    strangers: strangers.share,
    perHour: falseAccepts.perHour,
  };
  console.error(
    JSON.stringify({ word, speaker, quick, of: others.length, missed, missedAlone, expected, ...cost }),
  );
}
const cells = [
  word,
  String(speakers.length),
  alone ? share(sums.alone, sums.of) : 'not made',
  share(sums.takes, sums.of),
];
console.log(`| ${cells.join(' | ')} |`);

function make(takes: readonly Take[]) {
  const settings: MakeKeyword = {
    pack,
    // Some words of measuring are keywords of the pack.
    name: `own_${word}`,
    phrase,
    takes,
    folder: join(work, word),
    cache: work,
    anyway: true,
    quick,
  };
  return makeKeyword(settings);
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
