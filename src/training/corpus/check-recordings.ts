import { SAMPLE_RATE } from '../../audio/index.js';
import { nearest } from '../../config/index.js';
import { WakegateError } from '../../errors.js';
import type { Clip } from './corpus.js';
import type { Recording } from './manifest.js';
import { activeRms } from './scenes.js';

/** The fewest recordings of a keyword that training needs, and that calibration and dev figures need. */
export const LEAST = { train: 20, dev: 5 } as const;
const LEAST_SPEAKERS = 2;
/** No word is shorter. */
const SHORTEST_SECONDS = 0.25;
/** RMS of a recording's loudest parts, in units of int16: below it there is nothing but rounding. */
const QUIETEST = 1;
const NAMED_AT_MOST = 3;

type Labelled = Pick<Recording, 'split' | 'kind' | 'label' | 'corpus' | 'speaker'>;

/**
 * Checks, before anything takes long, that there are enough recordings to train heads for these keywords.
 *
 * @throws WakegateError WG_DATA_INVALID with the first thing that is wrong: a keyword without recordings or with too few, one
 *   speaker only, a speaker in train and in dev, no recordings without a keyword
 */
export function checkEnough(recordings: readonly Labelled[], keywords: readonly string[]): void {
  const words = recordings.filter(({ kind }) => kind === 'word');
  const labels = new Set(words.map(({ label }) => label));
  for (const keyword of keywords) {
    const own = words.filter(({ label }) => label === keyword);
    if (own.length === 0) throw unknownKeyword(keyword, labels);
    for (const split of ['train', 'dev'] as const) {
      const count = own.filter((recording) => recording.split === split).length;
      if (count < LEAST[split]) {
        throw invalid(
          `keyword ${keyword} has ${count} recordings in split ${split}, and needs ${LEAST[split]}: ` +
            'record more, or synthesize some (wakegate train speak)',
        );
      }
    }
    const train = own.filter(({ split }) => split === 'train');
    const speakers = new Set(train.map(({ speaker }) => speaker));
    if (!speakers.has('') && speakers.size < LEAST_SPEAKERS) {
      throw invalid(
        `all ${train.length} training recordings of ${keyword} are of one speaker (${[...speakers][0]}): ` +
          `the network would learn the voice and not the word; record ${LEAST_SPEAKERS} speakers or more`,
      );
    }
  }
  checkApart(words.filter(({ label }) => keywords.includes(label)));
  for (const split of ['train', 'dev'] as const) {
    if (recordings.some((recording) => recording.kind === 'speech' && recording.split === split)) continue;
    throw invalid(
      `split ${split} has no recording of kind speech: without speech that holds no keyword, the network would detect one in anything`,
    );
  }
}

function checkApart(words: readonly Labelled[]): void {
  const speakersOf = (split: Recording['split']) =>
    new Set(
      words
        .filter((word) => word.split === split && word.speaker !== '')
        // Each corpus numbers its own speakers.
        .map(({ corpus, speaker }) => `${corpus}/${speaker}`),
    );
  const train = speakersOf('train');
  const both = [...speakersOf('dev')].filter((speaker) => train.has(speaker));
  if (both.length === 0) return;
  throw invalid(
    `${both.length} speakers are in train and in dev (${both.slice(0, NAMED_AT_MOST).join(', ')}): ` +
      'figures of voices that were trained on flatter the pack; split by speaker',
  );
}

function unknownKeyword(keyword: string, labels: ReadonlySet<string>): WakegateError {
  const guess = nearest(keyword, labels);
  const known = [...labels].sort().slice(0, 40).join(', ') || 'none';
  return invalid(
    `there is no recording of keyword ${keyword}` +
      `${guess === null ? '' : `; did you mean ${guess}?`} (words with recordings: ${known}); ` +
      `record some, or synthesize some (wakegate train speak --keywords ${keyword})`,
  );
}

/**
 * Checks that decoded recordings are long enough and not silent.
 *
 * @throws WakegateError WG_DATA_INVALID with the files that are too short, or silent
 */
export function checkAudible(clips: readonly Pick<Clip, 'path' | 'kind' | 'samples'>[]): void {
  const words = clips.filter(({ kind }) => kind === 'word');
  report(
    words.filter(({ samples }) => samples.length < SHORTEST_SECONDS * SAMPLE_RATE),
    `shorter than ${SHORTEST_SECONDS} s, in which no word can be said`,
  );
  report(
    words.filter(({ samples }) => activeRms(samples) < QUIETEST),
    'silent',
  );
}

function report(clips: readonly { readonly path: string }[], how: string): void {
  if (clips.length === 0) return;
  const some = clips.slice(0, NAMED_AT_MOST).map(({ path }) => path);
  const more = clips.length > NAMED_AT_MOST ? ` and ${clips.length - NAMED_AT_MOST} more` : '';
  throw invalid(
    `${clips.length} recordings of words are ${how}: ${some.join(', ')}${more}; take them out of the manifest`,
  );
}

function invalid(sentence: string): WakegateError {
  return new WakegateError('WG_DATA_INVALID', sentence);
}
