import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAudioFile, SAMPLE_RATE, writeWav } from '../../audio/index.js';
import { ENGLISH } from '../../model/index.js';
import { Random } from '../random.js';
import { drawDelivery, drawHeldOutCall, speakerOf } from '../voices/draw-mix.js';
import { accentOf, type Kokoro } from '../voices/kokoro.js';
import { espeakVoices, PROGRAM_VOICES } from '../voices/program-voices.js';
import type { SpokenClip } from './examples.js';
import { inEnglishSounds, nearSounds } from './near-sounds.js';
import type { Phrase } from './phrase.js';

/** How many clips of each kind are spoken. */
export interface ClipCounts {
  /** Of the phrase, by voices of Kokoro, to train on. */
  readonly kokoro: number;
  /** Of the phrase, by flite, festival and espeak-ng. */
  readonly programs: number;
  /** Of the phrase, by voices that training never hears: the forecast comes from them. */
  readonly heldOut: number;
  /** Of what sounds like the phrase. */
  readonly near: number;
}

export const CLIP_COUNTS: ClipCounts = { kokoro: 90, programs: 50, heldOut: 28, near: 80 };
/** Without Kokoro, for the voices of takes. */
export const QUICK_COUNTS: ClipCounts = { kokoro: 0, programs: 50, heldOut: 14, near: 60 };

export interface SpokenPhrase {
  readonly phrase: readonly SpokenClip[];
  readonly heldOut: readonly SpokenClip[];
  readonly near: readonly SpokenClip[];
}

/**
 * Speaks a phrase, and what sounds like it, into `folder`. What is there already, from a run that was interrupted, is not spoken again.
 *
 * @param kokoro null where it was not fetched: then the programs speak all of it
 * @throws WakegateError WG_PROGRAM_MISSING
 */
export async function speakPhrase(
  phrase: Phrase,
  counts: ClipCounts,
  kokoro: Kokoro | null,
  folder: string,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<SpokenPhrase> {
  // Where Kokoro is fetched later, it speaks what the programs had to.
  const clips = join(folder, kokoro ? 'neural' : 'simple');
  await mkdir(clips, { recursive: true });
  const speakers = new Map<string, number>();
  const of = counts.kokoro + counts.programs + counts.heldOut + counts.near;
  let done = 0;
  const kinds: { [Kind in keyof ClipCounts]: SpokenClip[] } = {
    kokoro: [],
    programs: [],
    heldOut: [],
    near: [],
  };
  for (const kind of Object.keys(kinds) as (keyof ClipCounts)[]) {
    // A seed of its own, so that other counts of one kind leave the others as they are.
    const random = new Random(
      [...`${kind} ${phrase.text}`].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7),
    );
    for (let i = 0; i < counts[kind]; i++) {
      const path = join(clips, `${kind}-${i}.wav`);
      const speaker =
        kokoro && kind !== 'programs'
          ? await byKokoro(kokoro, phrase, kind, random, path)
          : await byProgram(phrase, kind, random, path);
      if (!speakers.has(speaker)) speakers.set(speaker, speakers.size);
      const samples = await readAudioFile(path);
      if (samples.length > SAMPLE_RATE / 10) kinds[kind].push({ samples, speaker: speakers.get(speaker)! });
      onProgress(++done, of);
    }
  }
  return { phrase: [...kinds.kokoro, ...kinds.programs], heldOut: kinds.heldOut, near: kinds.near };
}

async function byKokoro(kokoro: Kokoro, phrase: Phrase, kind: string, random: Random, path: string) {
  const { mix, speed, ending } = kind === 'heldOut' ? drawHeldOutCall(random) : drawDelivery(random);
  const said = accentOf(mix[0].voice) === 'en-gb' ? phrase.british : phrase.american;
  const plain = phrase.language === ENGLISH ? said : inEnglishSounds(said);
  const phonemes = kind === 'near' ? nearSounds(plain, random) : said;
  if (!(await isWhole(path))) {
    const samples = await kokoro.speak(`${phonemes}${ending}`, mix, speed);
    await writeWhole(path, writeWav(samples, SAMPLE_RATE));
  }
  return `kokoro-${speakerOf(mix)}`;
}

async function byProgram({ text, language }: Phrase, kind: string, random: Random, path: string) {
  const voices = language === ENGLISH ? PROGRAM_VOICES : espeakVoices(language);
  const voice = kind === 'heldOut' ? voices.drawHeldOut(random) : voices.draw(random);
  const words = text.split(' ');
  // Letters are exchanged where no voice can say sounds: rough neighbours, but there are some.
  const near = words.length > 1 && random.chance(0.5) ? random.pick(words) : scrambled(text, random);
  if (!(await isWhole(path))) {
    try {
      await voice.speak(kind === 'near' ? near : text, `${path}.spoken`);
      const samples = await readAudioFile(`${path}.spoken`);
      await rm(`${path}.spoken`); // before more is written
      await writeWhole(path, writeWav(samples, SAMPLE_RATE));
    } finally {
      await rm(`${path}.spoken`, { force: true });
    }
  }
  return voice.name;
}

function scrambled(text: string, random: Random): string {
  const letters = [...text];
  for (let i = 0; i < 2; i++) {
    const at = random.index(letters.length);
    if (letters[at] === ' ') continue;
    letters[at] = /[aeiou]/i.test(letters[at])
      ? random.pick(['a', 'ee', 'o', 'oo', 'i'])
      : random.pick([...'bdfgklmnprst']);
  }
  return letters.join('');
}

async function isWhole(path: string): Promise<boolean> {
  return readFile(path).then(
    ({ length }) => length > 44,
    () => false,
  );
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(`${path}.part`, bytes);
    await rename(`${path}.part`, path);
  } catch (error) {
    await rm(`${path}.part`, { force: true }).catch(() => {});
    throw error;
  }
}
