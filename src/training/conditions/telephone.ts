import { highPass } from '../feed/band-limit.js';
import { throughRate, toInt16 } from './resample.js';

const TELEPHONE_RATE = 8000;
/** Below it a telephone carries nothing (ITU-T G.712). */
const LOWEST_HZ = 300;

export type Law = 'mu' | 'a';

/** A call over a fixed line: 300 Hz to 3.6 kHz, and 8 bits a sample at 8 kHz (ITU-T G.711). */
export function overTelephone(samples: Int16Array, law: Law): Promise<Int16Array> {
  const companded = law === 'mu' ? throughMuLaw : throughALaw;
  return throughRate(samples, TELEPHONE_RATE, (lower) => {
    const voice = Float32Array.from(lower);
    highPass(voice, LOWEST_HZ / TELEPHONE_RATE);
    return toInt16(voice, 1).map(companded);
  });
}

/** A 16-bit sample as it comes out of mu-law: sign, exponent and 4 bits (ITU-T G.711). */
export function throughMuLaw(sample: number): number {
  const biased = Math.min(32_635, Math.abs(sample)) + 132;
  const exponent = 31 - Math.clz32(biased) - 7;
  const mantissa = (biased >> (exponent + 3)) & 15;
  const size = (((mantissa << 3) + 132) << exponent) - 132;
  return sample < 0 ? -size : size;
}

/** A 16-bit sample as it comes out of A-law (ITU-T G.711). */
export function throughALaw(sample: number): number {
  const size = (sample < 0 ? ~sample : sample) >> 3;
  const segment = size < 32 ? 0 : 31 - Math.clz32(size) - 4;
  const mantissa = (segment < 2 ? size >> 1 : size >> segment) & 15;
  const out = segment === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (segment - 1);
  return sample < 0 ? -out : out;
}
