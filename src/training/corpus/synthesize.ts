import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readAudioFile } from '../../audio/index.js';
import { WakegateError } from '../../errors.js';
import { asBytes, asInt16 } from '../array-bytes.js';
import type { OnProgress } from '../progress.js';
import { Random } from '../random.js';
import type { Clip } from './corpus.js';

const run = promisify(execFile);

/** A text to be spoken, and the label of its clip. */
export interface Phrase {
  readonly text: string;
  readonly label: string;
}

/** One way of speaking: program, voice, pace and pitch. */
export interface Voice {
  readonly name: string;
  speak(text: string, path: string): Promise<unknown>;
}

const FLITE_VOICES = ['awb', 'kal16', 'rms', 'slt'];
const FESTIVAL_VOICES = ['kal_diphone', 'cmu_us_slt_arctic_hts'];
const ESPEAK_ACCENTS = [
  'en-us',
  'en-gb',
  'en-gb-scotland',
  'en-gb-x-rp',
  'en-gb-x-gbclan',
  'en-029',
  'en-us-nyc',
];
const ESPEAK_VARIANTS = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'f1', 'f2', 'f3', 'f4', 'f5'];
/** Variants of espeak-ng for dev, never used for training. A version of espeak-ng that lacks one uses its standard voice. */
const HELD_OUT_VARIANTS = ['Andy', 'Annie', 'Gene', 'linda', 'norbert', 'shelby', 'steph', 'travis', 'zac'];
const CONCURRENT = 2;

/**
 * Clips of `phrases`, each by `voices` voices drawn from flite, festival and espeak-ng at several paces and pitches. They are kept
 * under `cache`, and made again for other phrases, another count or another seed.
 *
 * @throws WakegateError WG_PROGRAM_MISSING where a synthesizer is not installed
 */
export async function synthesize(
  phrases: readonly Phrase[],
  voices: number,
  seed: number,
  cache: string,
  onProgress?: OnProgress,
): Promise<Clip[]> {
  const key = createHash('sha256')
    .update(JSON.stringify([phrases, voices, seed]))
    .digest('hex')
    .slice(0, 12);
  const directory = join(cache, 'synthesized');
  const path = join(directory, key);
  await mkdir(directory, { recursive: true });
  let index: (Omit<Spoken, 'samples'> & { samples: number })[];
  let pcm: Int16Array;
  try {
    index = JSON.parse(await readFile(`${path}.json`, 'utf8'));
    pcm = asInt16(await readFile(`${path}.pcm`));
  } catch {
    const clips = await speakAll(phrases, voices, new Random(seed), drawVoice, onProgress);
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
 * Clips of `phrases`, each by `voices` voices as `draw` draws them.
 *
 * @throws WakegateError WG_PROGRAM_MISSING where a synthesizer is not installed
 */
export async function speakAll(
  phrases: readonly Phrase[],
  voices: number,
  random: Random,
  draw: (random: Random) => Voice,
  onProgress?: OnProgress,
): Promise<Spoken[]> {
  const turns = phrases.flatMap((phrase) =>
    Array.from({ length: voices }, () => ({ phrase, voice: draw(random) })),
  );
  const spoken: Spoken[] = new Array(turns.length);
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-synthesize-'));
  let next = 0;
  const worker = async () => {
    while (next < turns.length) {
      const turn = next++;
      const { phrase, voice } = turns[turn];
      const path = join(folder, `${turn}.wav`);
      await voice.speak(phrase.text, path);
      spoken[turn] = { label: phrase.label, voice: voice.name, samples: await readAudioFile(path) };
      await rm(path);
      const done = turn + 1;
      if (done % 500 === 0) onProgress?.({ type: 'synthesize', set: '', done, of: turns.length });
    }
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENT }, worker));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return spoken.filter(({ samples }) => samples.length > 1600);
}

/** A voice for training. */
export function drawVoice(random: Random): Voice {
  const turn = random.next();
  const pace = random.between(0.8, 1.3);
  if (turn < 0.4) {
    const voice = random.pick(FLITE_VOICES);
    const pitch = Math.round(random.between(80, 230));
    const settings = [
      '--setf',
      `duration_stretch=${pace.toFixed(2)}`,
      '--setf',
      `int_f0_target_mean=${pitch}`,
    ];
    return {
      name: `flite-${voice}`,
      speak: (text, path) => start('flite', ['-voice', voice, ...settings, '-t', text, '-o', path]),
    };
  }
  if (turn < 0.5) {
    const voice = random.pick(FESTIVAL_VOICES);
    const settings = `(begin (voice_${voice}) (Parameter.set 'Duration_Stretch ${pace.toFixed(2)}))`;
    return {
      name: `festival-${voice}`,
      speak: (text, path) => start('text2wave', ['-o', path, '-eval', settings], text),
    };
  }
  return espeak(ESPEAK_VARIANTS, pace, random);
}

/** A voice that training never hears: other variants of espeak-ng. */
export function drawHeldOutVoice(random: Random): Voice {
  return espeak(HELD_OUT_VARIANTS, random.between(0.8, 1.3), random);
}

function espeak(variants: readonly string[], pace: number, random: Random): Voice {
  const accent = random.pick(ESPEAK_ACCENTS);
  const variant = random.pick(variants);
  const speed = Math.round(150 / pace);
  const pitch = random.index(100);
  const settings = ['-v', `${accent}+${variant}`, '-s', `${speed}`, '-p', `${pitch}`];
  return {
    name: `espeak-${accent}-${variant}`,
    speak: (text, path) => start('espeak-ng', [...settings, '-w', path, text]),
  };
}

async function start(program: string, args: string[], input?: string): Promise<void> {
  const running = run(program, args);
  if (input !== undefined) running.child.stdin?.end(input);
  try {
    await running;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new WakegateError(
      'WG_PROGRAM_MISSING',
      `${program} is not installed: apt-get install flite festival festvox-kallpc16k festvox-us-slt-hts espeak-ng`,
      { cause },
    );
  }
}
