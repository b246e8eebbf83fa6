import { SAMPLE_RATE } from '../../audio/index.js';
import type { Random } from '../random.js';

/** A living room, an office or a hall with a person in it, and a microphone at a distance. */
export interface RoomSettings {
  /** From the mouth to the microphone, in metres. */
  readonly distance: number;
  /** Seconds in which what is left of a sound falls by 60 dB. */
  readonly rt60: number;
}

const SOUND_METRES_PER_SECOND = 343;
const FROM_WALLS = 0.5;
/** Real walls are not mirrors: images lie this far from where they would be (De Sena et al. 2015, against sweeping echoes). */
const JITTER_METRES = 0.08;
/** Zero crossings of the sinc at each side of an image's delay, which is no whole number of samples. */
const SINC_REACH = 8;
/** A little longer than the decay, for its last part is inaudible. */
const LENGTH_OF_RT60 = 1.1;
const CORRECTIONS = 8;

/**
 * Impulse response from a mouth to a microphone in a shoebox room, by image sources (Allen and Berkley 1979). All walls
 * reflect the same share. The room is drawn at random, large enough for the distance. Scaled so that the direct sound at
 * one metre would be 1, so that it is quieter at a distance.
 */
export function roomResponse({ distance, rt60 }: RoomSettings, random: Random): Float64Array {
  const place = drawPlace(distance, random);
  const reach = SOUND_METRES_PER_SECOND * rt60 * LENGTH_OF_RT60;
  const taps = new Float64Array(samplesFor(reach) + SINC_REACH + 1);
  addImages(taps, place, reach, reflectionFor(place.size, rt60), random);
  removeRumble(taps);
  // What every sound is late by is left out, so that the sound stays where it was in time.
  const response = taps.subarray(Math.max(0, samplesFor(distance) - SINC_REACH));
  // Eyring's formula is for diffuse sound, which a flat room with bare images is not.
  for (let i = 0; i < CORRECTIONS; i++) correctDecay(response, rt60);
  return response;
}

/** Lengths in metres along, across and up. */
interface Place {
  readonly size: readonly number[];
  readonly mouth: readonly number[];
  readonly microphone: readonly number[];
}

/** Mouth and microphone lie along the room, at heights of their own, and a little aside as far as the distance allows. */
function drawPlace(distance: number, random: Random): Place {
  const size = [
    distance + 2 * FROM_WALLS + random.between(0.5, 2),
    random.between(3, 5.5),
    random.between(2.4, 3.2),
  ];
  const mouth = [
    FROM_WALLS + random.between(0, 0.4),
    size[1] * random.between(0.3, 0.7),
    random.between(1.1, 1.7),
  ];
  const aside = Math.min(0.3 * distance, size[1] - FROM_WALLS - mouth[1]) * random.next();
  const below = Math.min(0.3 * distance, mouth[2] - 0.6) * random.next();
  const ahead = Math.sqrt(distance ** 2 - aside ** 2 - below ** 2);
  return { size, mouth, microphone: [mouth[0] + ahead, mouth[1] + aside, mouth[2] - below] };
}

/** The share of the amplitude that a wall reflects (Eyring 1930). */
function reflectionFor([along, across, up]: readonly number[], rt60: number): number {
  const volume = along * across * up;
  const surface = 2 * (along * across + along * up + across * up);
  // exp(-55.3 V / (c S T)) of the energy is left after a reflection.
  return Math.exp((-55.3 * volume) / (SOUND_METRES_PER_SECOND * surface * rt60) / 2);
}

function addImages(
  taps: Float64Array,
  { size, mouth, microphone }: Place,
  reach: number,
  reflected: number,
  random: Random,
): void {
  // Along each axis: how far from the microphone the images lie, and after how many reflections.
  const [xs, ys, zs] = size.map((length, axis) => {
    const most = Math.ceil(reach / (2 * length)) + 1;
    return Array.from({ length: 2 * most + 1 }, (_, i) => i - most)
      .flatMap((n) => [
        { offset: 2 * n * length + mouth[axis] - microphone[axis], reflections: Math.abs(2 * n) },
        { offset: 2 * n * length - mouth[axis] - microphone[axis], reflections: Math.abs(2 * n - 1) },
      ])
      .filter(({ offset }) => Math.abs(offset) <= reach);
  });
  for (const x of xs) {
    for (const y of ys) {
      const flat = x.offset ** 2 + y.offset ** 2;
      if (flat > reach ** 2) continue;
      for (const z of zs) {
        const reflections = x.reflections + y.reflections + z.reflections;
        const jitter = reflections === 0 ? 0 : random.between(-JITTER_METRES, JITTER_METRES);
        const metres = Math.sqrt(flat + z.offset ** 2) + jitter;
        if (metres > reach) continue;
        addDelayed(taps, (metres / SOUND_METRES_PER_SECOND) * SAMPLE_RATE, reflected ** reflections / metres);
      }
    }
  }
}

function samplesFor(metres: number): number {
  return Math.round((metres / SOUND_METRES_PER_SECOND) * SAMPLE_RATE);
}

/** Makes all that comes after the direct sound fall faster or slower, so that it decays as asked. In place. */
function correctDecay(response: Float64Array, rt60: number): void {
  const off = 0.7 * Math.log(1000) * (1 / rt60 - 1 / decayOf(response));
  for (let i = 0; i < response.length; i++) response[i] *= Math.exp((-off * i) / SAMPLE_RATE);
}

/** RT60 in seconds: a line through what is left of the energy, from -5 to -35 dB (ISO 3382, T30; Schroeder 1965). */
function decayOf(response: Float64Array): number {
  const left = response.map((tap) => tap * tap);
  for (let i = left.length - 2; i >= 0; i--) left[i] += left[i + 1];
  let [count, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < left.length; i++) {
    const db = 10 * Math.log10(left[i] / left[0]);
    if (db > -5 || !(db >= -35)) continue;
    count++;
    x += i;
    y += db;
    xx += i * i;
    xy += i * db;
  }
  return (-60 * (count * xx - x * x)) / (count * xy - x * y) / SAMPLE_RATE;
}

/** Adds an impulse between two samples: a sinc under a Hann window. */
function addDelayed(taps: Float64Array, delay: number, gain: number): void {
  const from = Math.max(0, Math.ceil(delay - SINC_REACH));
  const to = Math.min(taps.length - 1, Math.floor(delay + SINC_REACH));
  // sin(pi (i - delay)) only changes its sign from one sample to the next.
  let sine = Math.sin(Math.PI * (from - delay));
  for (let i = from; i <= to; i++, sine = -sine) {
    const x = i - delay;
    const sinc = Math.abs(x) < 1e-6 ? 1 : sine / (Math.PI * x);
    taps[i] += gain * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / SINC_REACH));
  }
}

/** All reflections being positive, they add up to a pressure that no room holds: a high-pass at 50 Hz takes it out. */
function removeRumble(taps: Float64Array): void {
  const pole = Math.exp((-2 * Math.PI * 50) / SAMPLE_RATE);
  let [before, out] = [0, 0];
  for (let i = 0; i < taps.length; i++) {
    out = pole * (out + taps[i] - before);
    before = taps[i];
    taps[i] = out;
  }
}
