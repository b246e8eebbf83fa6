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

/** Butterworth's of fourth order, as two biquads (Bristow-Johnson's cookbook). In place. @param edge of the sampling rate */
function highPass(samples: Float32Array, edge: number): void {
  for (const q of [0.541_196_1, 1.306_563]) {
    const [sin, cos] = [Math.sin(2 * Math.PI * edge), Math.cos(2 * Math.PI * edge)];
    const alpha = sin / (2 * q);
    const a0 = 1 + alpha;
    const b = (1 + cos) / 2 / a0;
    const [a1, a2] = [(-2 * cos) / a0, (1 - alpha) / a0];
    let [x1, x2, y1, y2] = [0, 0, 0, 0];
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i];
      const y = b * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2;
      [x2, x1, y2, y1] = [x1, x, y1, y];
      samples[i] = y;
    }
  }
}
