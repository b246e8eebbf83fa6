import { createHash } from 'node:crypto';
import { asBytes } from '../array-bytes.js';
import { atSnr } from '../feed/add-noise.js';
import { Random } from '../random.js';
import { throughCodec, whyNoCodec } from './codec.js';
import { convolved } from './convolve.js';
import { clipped, withGain } from './level.js';
import { throughRate, toInt16 } from './resample.js';
import { roomResponse } from './room.js';
import { overTelephone } from './telephone.js';

/** What happens to sound between a mouth and the daemon. */
export interface Condition {
  readonly name: string;
  /** For people. */
  readonly what: string;
  /** Whether it mixes in recordings of noise. */
  readonly needsNoise: boolean;
  /** Why it cannot be made on this machine; null where it can. */
  whyNot(): string | null;
  /**
   * A clip as heard under the condition: as long as before, and always the same for the same clip and noises.
   *
   * @param samples 16 kHz mono
   */
  apply(samples: Int16Array, noises: readonly Int16Array[]): Promise<Int16Array>;
}

/** Those that `all` stands for, in the order of a table. */
export const USUAL_CONDITIONS = [
  'snr10',
  'snr0',
  'band12k',
  'band11k',
  'band8k',
  'telephone',
  'telephone-alaw',
  'opus16k',
  'mp3',
  'far2m',
  'far5m',
  'far8m',
  'clip',
  'gain-20',
] as const;

const RATES: Readonly<Record<string, number>> = { '8k': 8000, '11k': 11_025, '12k': 12_000 };
const MP3_KBPS = 32;
const CLIPPED_PERCENT = 10;
/** Each takes a second to compute, and every clip is in one of them. */
const ROOMS = 8;
const RT60_SECONDS = [0.3, 0.7] as const;

type Apply = (
  samples: Int16Array,
  random: Random,
  noises: readonly Int16Array[],
) => Int16Array | Promise<Int16Array>;

interface Kind {
  /** How its names are written, for people. */
  readonly names: string;
  readonly pattern: RegExp;
  readonly range?: readonly [least: number, most: number];
  readonly what: (value: string) => string;
  readonly make: (value: string, name: string) => Apply;
  readonly needsNoise?: true;
  readonly whyNot?: () => string | null;
}

const KINDS: readonly Kind[] = [
  {
    names: 'snr-30 to snr60',
    pattern: /^snr(-?\d+(?:\.\d+)?)$/,
    range: [-30, 60],
    what: (db) => `noise of the manifest, ${db} dB below the word`,
    make: (db) => (samples, random, noises) => atSnr(samples, noises, Number(db), random),
    needsNoise: true,
  },
  {
    names: 'band8k, band11k, band12k',
    pattern: /^band(8k|11k|12k)$/,
    what: (rate) => `recorded at ${RATES[rate]} Hz: nothing above ${RATES[rate] / 2000} kHz`,
    make: (rate) => (samples) => throughRate(samples, RATES[rate]),
  },
  {
    names: 'telephone, telephone-alaw',
    pattern: /^telephone(|-alaw)$/,
    what: (law) => `300 to 3600 Hz, and ${law === '' ? 'mu-law' : 'A-law'} (G.711)`,
    make: (law) => (samples) => overTelephone(samples, law === '' ? 'mu' : 'a'),
  },
  {
    names: 'opus6k to opus128k',
    pattern: /^opus(\d+)k$/,
    range: [6, 128],
    what: (kbps) => `Opus at ${kbps} kbit/s`,
    make: (kbps) => (samples) => throughCodec(samples, 'opus', Number(kbps)),
    whyNot: whyNoCodec,
  },
  {
    names: 'mp3',
    pattern: /^mp3()$/,
    what: () => `MP3 at ${MP3_KBPS} kbit/s`,
    make: () => (samples) => throughCodec(samples, 'mp3', MP3_KBPS),
    whyNot: whyNoCodec,
  },
  {
    names: 'far1m to far8m',
    pattern: /^far(\d+(?:\.\d+)?)m$/,
    range: [1, 8],
    what: (metres) => `${metres} m away in a room with an echo (RT60 ${RT60_SECONDS.join(' to ')} s)`,
    make: (metres, name) => inRooms(Number(metres), name),
  },
  {
    names: 'clip, clip1 to clip50',
    pattern: /^clip(|\d+)$/,
    range: [1, 50],
    what: (percent) => `so loud that ${percent || CLIPPED_PERCENT} % of the word is clipped`,
    make: (percent) => (samples) => clipped(samples, Number(percent || CLIPPED_PERCENT) / 100),
  },
  {
    names: 'gain-60 to gain40',
    pattern: /^gain([-+]?\d+(?:\.\d+)?)$/,
    range: [-60, 40],
    what: (db) => `${db} dB louder`,
    make: (db) => (samples) => withGain(samples, Number(db)),
  },
];

/** How conditions are written, for people. */
export const CONDITION_NAMES = KINDS.map(({ names }) => names).join('; ');

/** The condition of a name such as `band8k`, or null where there is none. */
export function conditionOf(name: string): Condition | null {
  for (const { pattern, range, what, make, needsNoise = false, whyNot = () => null } of KINDS) {
    const value = pattern.exec(name)?.[1];
    if (value === undefined) continue;
    if (range && value !== '' && !(Number(value) >= range[0] && Number(value) <= range[1])) return null;
    const apply = make(value, name);
    return {
      name,
      what: what(value),
      needsNoise,
      whyNot,
      apply: async (samples, noises) => apply(samples, new Random(seedOf(name, samples)), noises),
    };
  }
  return null;
}

/** Of the clip itself, so that what else is measured changes nothing. */
function seedOf(name: string, samples: Int16Array): number {
  return createHash('sha256').update(name).update(asBytes(samples)).digest().readUInt32BE(0);
}

function inRooms(distance: number, name: string): Apply {
  const responses = new Map<number, Float64Array>();
  return (samples, random) => {
    const room = random.index(ROOMS);
    const known = responses.get(room);
    const response = known ?? responseOf(room);
    if (!known) responses.set(room, response);
    return toInt16(convolved(samples, response), 1);
  };

  function responseOf(room: number): Float64Array {
    const random = new Random(seedOf(`${name} ${room}`, new Int16Array(0)));
    return roomResponse({ distance, rt60: random.between(...RT60_SECONDS) }, random);
  }
}
