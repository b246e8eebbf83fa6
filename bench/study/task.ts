import type { Clip } from '../../src/training/corpus/corpus.js';
import { activeRms } from '../../src/training/corpus/scenes.js';
import type { Random } from '../../src/training/random.js';

/** The task of the study: which of five words of Speech Commands is said in a second of sound, if any. */
export const WORDS = ['bed', 'cat', 'happy', 'left', 'right'] as const;
export const ELSE = WORDS.length;
export const SILENCE = WORDS.length + 1;
export const CLASSES = [...WORDS, 'everything else', 'silence'] as const;

/** A second of sound and its class. */
export interface Piece {
  readonly label: number;
  readonly samples: Int16Array;
}

export interface PieceCounts {
  readonly speech: number;
  readonly silence: number;
}

export const PIECE_SAMPLES = 16_000;
const CORPUS = 'speech-commands';

/**
 * All clips of the words and of Speech Commands' other words; pieces of read speech, which are "everything else" as well;
 * pieces of noise and music for "silence", some of them next to inaudible.
 */
export function makePieces(clips: readonly Clip[], counts: PieceCounts, random: Random): Piece[] {
  const spoken = clips
    .filter(({ corpus, kind }) => corpus === CORPUS && kind === 'word')
    .map(({ label, samples }) => {
      const word = (WORDS as readonly string[]).indexOf(label);
      return { label: word < 0 ? ELSE : word, samples: fitted(samples) };
    });
  const pieces = (
    count: number,
    label: number,
    from: readonly Clip[],
    isOne: (samples: Int16Array) => boolean,
  ) => {
    const found: Piece[] = [];
    while (found.length < count) {
      const { samples } = random.pick(from);
      if (samples.length < PIECE_SAMPLES) continue;
      const start = random.index(samples.length - PIECE_SAMPLES + 1);
      const piece = samples.slice(start, start + PIECE_SAMPLES);
      if (isOne(piece)) found.push({ label, samples: piece });
    }
    return found;
  };
  const speech = clips.filter(({ kind }) => kind === 'speech');
  const quiet = clips.filter(({ kind }) => kind === 'noise' || kind === 'music');
  const silence = pieces(counts.silence, SILENCE, quiet, () => true).map(({ label, samples }) => {
    const gain = random.chance(0.25) ? 10 ** (random.between(-60, -30) / 20) : 1;
    return { label, samples: samples.map((sample) => Math.round(gain * sample)) };
  });
  return [...spoken, ...pieces(counts.speech, ELSE, speech, isAudible), ...silence];
}

function isAudible(samples: Int16Array): boolean {
  return activeRms(samples) > 100;
}

/** Cut or filled up to a second. */
function fitted(samples: Int16Array): Int16Array {
  const piece = new Int16Array(PIECE_SAMPLES);
  piece.set(samples.subarray(0, PIECE_SAMPLES));
  return piece;
}
