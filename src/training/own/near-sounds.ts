import type { Random } from '../random.js';

/**
 * What sounds like a phrase, in the letters of Kokoro: with other vowels, other consonants, or only a part of it. Spoken by the
 * voices that say the phrase, these are its hard negatives. No list of words is needed, so that every phrase has some.
 */

/** How high and how far back each vowel is spoken, 0 to 1; a diphthong where it begins. */
const VOWELS: Readonly<Record<string, readonly [height: number, back: number]>> = {
  i: [1, 0],
  ɪ: [0.8, 0.1],
  A: [0.6, 0.1],
  ɛ: [0.4, 0.1],
  æ: [0.2, 0.2],
  ə: [0.5, 0.5],
  ʌ: [0.35, 0.5],
  ɜ: [0.5, 0.5],
  ɑ: [0, 0.8],
  ɒ: [0, 1],
  ɔ: [0.3, 0.9],
  O: [0.6, 0.9],
  Q: [0.6, 0.6],
  ʊ: [0.8, 0.8],
  u: [1, 1],
  I: [0, 0.4],
  W: [0, 0.6],
  Y: [0.3, 0.9],
};
/** Consonants by the way they are made: those of another row sound farther off. */
const CONSONANTS = ['pbtdkɡ', 'fvszθðʃʒh', 'ʧʤ', 'mnŋ', 'lɹjw'] as const;
/** Vowels nearer than this are one vowel to people of different accents. */
const VOWEL_DISTANCE = 0.5;

/** Sounds of other languages, and those of English that are nearest to them. */
const ENGLISH_FOR: Readonly<Record<string, string>> = {
  ...{ a: 'ɑ', e: 'ɛ', o: 'ɔ', y: 'i', ø: 'ɜ', œ: 'ɜ', ɐ: 'ʌ', ɨ: 'ɪ', ᵻ: 'ɪ', ɯ: 'u', ɤ: 'ʌ' },
  ...{
    r: 'ɹ',
    ɾ: 'ɹ',
    ʁ: 'ɹ',
    ɽ: 'ɹ',
    ɻ: 'ɹ',
    x: 'h',
    χ: 'h',
    ç: 'ʃ',
    ɕ: 'ʃ',
    ʂ: 'ʃ',
    ʝ: 'j',
    ɟ: 'ʤ',
    c: 'k',
  },
  ...{
    q: 'k',
    ɲ: 'n',
    ɳ: 'n',
    ɴ: 'ŋ',
    ʎ: 'l',
    β: 'v',
    ʋ: 'v',
    ɣ: 'ɡ',
    ɰ: 'w',
    ɥ: 'w',
    ɸ: 'f',
    ʈ: 't',
    ɖ: 'd',
  },
  ...{ ʦ: 'ʧ', ʨ: 'ʧ', ʣ: 'ʤ', ʥ: 'ʤ' },
};

const OTHER_VOWELS = new Map(
  Object.entries(VOWELS).map(([vowel, [height, back]]) => [
    vowel,
    Object.entries(VOWELS)
      .filter(([, [h, b]]) => Math.hypot(h - height, b - back) > VOWEL_DISTANCE)
      .map(([other]) => other),
  ]),
);

/** A phrase of another language in the sounds of English, as far as it has others. */
export function inEnglishSounds(phonemes: string): string {
  return [...phonemes].map((letter) => ENGLISH_FOR[letter] ?? letter).join('');
}

/** Sounds of a phrase that are spoken one after another; marks of stress and length are none. */
export function soundsIn(phonemes: string): number {
  return [...phonemes].filter((letter) => letter in VOWELS || rowOf(letter) >= 0).length;
}

/** Vowels of a phrase, which are as many as its syllables. */
export function syllablesIn(phonemes: string): number {
  return [...phonemes].filter((letter) => letter in VOWELS).length;
}

/**
 * One phrase that sounds like `phonemes` but is none that a person would say for it: about one sound in four is another one, or a part
 * is missing.
 */
export function nearSounds(phonemes: string, random: Random): string {
  const words = phonemes.split(' ').filter((word) => word !== '');
  const kind = random.next();
  if (words.length > 1 && kind < 0.2) return random.pick(words);
  if (words.length > 1 && kind < 0.3) return [...words].reverse().join(' ');
  if (kind < 0.35 && syllablesIn(phonemes) > 1) return half(phonemes, random);
  return replaced(phonemes, random);
}

/** The first or the last half, cut behind a vowel. */
function half(phonemes: string, random: Random): string {
  const letters = [...phonemes];
  const vowels = letters.flatMap((letter, at) => (letter in VOWELS ? [at] : []));
  const cut = vowels[Math.floor((vowels.length - 1) / 2)] + 1;
  const [first, last] = [letters.slice(0, cut), letters.slice(cut)];
  return (random.chance(0.5) ? first : last).join('');
}

function replaced(phonemes: string, random: Random): string {
  const letters = [...phonemes];
  const places = letters.flatMap((letter, at) => (letter in VOWELS || rowOf(letter) >= 0 ? [at] : []));
  // A single consonant is easily misheard by people too: where only one sound changes, it is a vowel with stress or an onset.
  const count = Math.max(1, Math.round(places.length * random.between(0.15, 0.45)));
  for (let i = 0; i < count; i++) {
    const at = random.pick(places);
    letters[at] = other(letters[at], random);
  }
  const text = letters.join('');
  return text === phonemes ? replaced(phonemes, random) : text;
}

function other(letter: string, random: Random): string {
  const vowels = OTHER_VOWELS.get(letter);
  if (vowels) return random.pick(vowels);
  const own = rowOf(letter);
  const rows = CONSONANTS.filter((_, row) => row !== own);
  return random.pick([...random.pick(rows)].filter((consonant) => consonant !== 'ŋ' && consonant !== 'ʒ'));
}

function rowOf(letter: string): number {
  return CONSONANTS.findIndex((row) => row.includes(letter));
}
