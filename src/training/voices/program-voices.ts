import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { WakegateError } from '../../errors.js';
import type { Random } from '../random.js';
import type { Voice, Voices } from './voice.js';

const run = promisify(execFile);

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

/**
 * Voices of flite, festival and espeak-ng, at several paces and pitches. Where a program is not installed, its voices throw a
 * WakegateError WG_PROGRAM_MISSING.
 */
export const PROGRAM_VOICES: Voices = {
  draw: drawVoice,
  // Other variants of espeak-ng.
  drawHeldOut: (random) => espeak(HELD_OUT_VARIANTS, random.between(0.8, 1.3), random),
};

/** Voices of espeak-ng in another language, at several paces and pitches: the other programs speak English only. */
export function espeakVoices(language: string): Voices {
  return {
    draw: (random) => espeak(ESPEAK_VARIANTS, random.between(0.8, 1.3), random, [language]),
    drawHeldOut: (random) => espeak(HELD_OUT_VARIANTS, random.between(0.8, 1.3), random, [language]),
  };
}

function drawVoice(random: Random): Voice {
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

function espeak(
  variants: readonly string[],
  pace: number,
  random: Random,
  accents: readonly string[] = ESPEAK_ACCENTS,
): Voice {
  const accent = random.pick(accents);
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
