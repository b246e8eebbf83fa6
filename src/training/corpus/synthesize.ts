import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAudioFile } from '../../audio/index.js';
import { asBytes, asInt16 } from '../array-bytes.js';
import type { OnProgress } from '../progress.js';
import { Random } from '../random.js';
import { openKokoroVoices } from '../voices/kokoro-voices.js';
import { PROGRAM_VOICES } from '../voices/program-voices.js';
import type { Voice } from '../voices/voice.js';
import type { Clip } from './corpus.js';

/** A text to be spoken, and the label of its clip. */
export interface Phrase {
  readonly text: string;
  readonly label: string;
}

const CONCURRENT = 2;
const REPORT_EVERY = 100;

/** Clips of each phrase by flite, festival and espeak-ng, and by Kokoro. */
export interface SpokenBy {
  readonly programs: number;
  readonly kokoro: number;
}

/**
 * Clips of `phrases`, each by so many voices of each kind, at several paces and pitches. They are kept under `cache`, and made again for
 * other phrases, another count or another seed.
 *
 * @throws WakegateError WG_PROGRAM_MISSING where a synthesizer is not installed; WG_DATA_INVALID where Kokoro was not fetched
 */
export async function synthesize(
  phrases: readonly Phrase[],
  { programs, kokoro }: SpokenBy,
  seed: number,
  cache: string,
  onProgress?: OnProgress,
): Promise<Clip[]> {
  const clips: Clip[] = [];
  if (phrases.length === 0) return clips;
  if (programs > 0) {
    const key = keyOf([phrases, programs, seed]);
    const speak = (folder: string) =>
      speakAll(phrases, programs, new Random(seed), PROGRAM_VOICES.draw, folder, onProgress);
    clips.push(...(await kept(key, cache, speak)));
  }
  if (kokoro > 0) {
    const key = keyOf(['kokoro', phrases, kokoro, seed]);
    const speak = async (folder: string) => {
      const voices = await openKokoroVoices();
      return speakAll(phrases, kokoro, new Random(seed), voices.draw, folder, onProgress);
    };
    clips.push(...(await kept(key, cache, speak)));
  }
  return clips;
}

/** A name for what follows from `of`. */
export function keyOf(of: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 12);
}

/** What `speak` gives, from the files of `key` where they are there. */
async function kept(
  key: string,
  cache: string,
  speak: (folder: string) => Promise<Spoken[]>,
): Promise<Clip[]> {
  const directory = join(cache, 'synthesized');
  const path = join(directory, key);
  await mkdir(directory, { recursive: true });
  let index: (Omit<Spoken, 'samples'> & { samples: number })[];
  let pcm: Int16Array;
  try {
    index = JSON.parse(await readFile(`${path}.json`, 'utf8'));
    pcm = asInt16(await readFile(`${path}.pcm`));
  } catch {
    // Of this process alone: others may be speaking the same.
    const folder = await mkdtemp(join(tmpdir(), 'wakegate-synthesize-'));
    const clips = await speak(folder).finally(() => rm(folder, { recursive: true, force: true }));
    index = clips.map(({ label, voice, samples }) => ({ label, voice, samples: samples.length }));
    const bytes = Buffer.concat(clips.map(({ samples }) => asBytes(samples)));
    // Another process may be writing the same bytes.
    const part = `${path}.${process.pid}.part`;
    await writeFile(part, bytes);
    await rename(part, `${path}.pcm`);
    await writeFile(part, JSON.stringify(index));
    await rename(part, `${path}.json`);
    pcm = asInt16(bytes);
  }
  let at = 0;
  return index.map(({ label, voice, samples }, i) => {
    const clip = pcm.subarray(at, at + samples);
    at += samples;
    return {
      path: `synthesized/${key}/${i}`,
      split: 'train',
      kind: 'word',
      label,
      corpus: 'synthesized',
      speaker: voice,
      samples: clip,
    };
  });
}

export interface Spoken {
  readonly label: string;
  readonly voice: string;
  /** 16 kHz mono. */
  readonly samples: Int16Array;
}

/**
 * Clips of `phrases`, each by `voices` voices as `draw` draws them. What is in `folder` already, from a run with the same arguments that
 * was interrupted, is not spoken again; it is left to the caller to remove it.
 *
 * @throws WakegateError WG_PROGRAM_MISSING where a synthesizer is not installed
 */
export async function speakAll(
  phrases: readonly Phrase[],
  voices: number,
  random: Random,
  draw: (random: Random) => Voice,
  folder: string,
  onProgress?: OnProgress,
): Promise<Spoken[]> {
  const turns = phrases.flatMap((phrase) =>
    Array.from({ length: voices }, () => ({ phrase, voice: draw(random) })),
  );
  const spoken: Spoken[] = new Array(turns.length);
  await mkdir(folder, { recursive: true });
  const there = new Set(await readdir(folder));
  let next = 0;
  const worker = async () => {
    while (next < turns.length) {
      const turn = next++;
      const { phrase, voice } = turns[turn];
      const path = join(folder, `${turn}.wav`);
      if (!there.has(`${turn}.wav`)) {
        // Only a whole clip has the name of one.
        await voice.speak(phrase.text, `${path}.part`);
        await rename(`${path}.part`, path);
      }
      spoken[turn] = { label: phrase.label, voice: voice.name, samples: await readAudioFile(path) };
      const done = turn + 1;
      if (done % REPORT_EVERY === 0) onProgress?.({ type: 'synthesize', set: '', done, of: turns.length });
    }
  };
  // All have ended before the first of them is told to have failed, or one would still write while somebody begins again.
  const ended = await Promise.allSettled(Array.from({ length: CONCURRENT }, worker));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return spoken.filter(({ samples }) => samples.length > 1600);
}
