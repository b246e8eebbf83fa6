import type { Random } from '../random.js';

/** Sampling rates of telephones, headsets and cheap microphones: what they leave of the band. */
const RATES = [8_000, 8_000, 11_025, 12_000];
const TAPS = 63;
const SAMPLE_RATE = 16_000;

/** In place: what is left of 16 kHz sound after it went through a channel of a lower rate, and now and then its companding (G.711). */
export function throughNarrowBand(samples: Int16Array, random: Random): void {
  const rate = random.pick(RATES);
  const top = 0.46 * rate * random.between(0.9, 1.03);
  // A telephone has no bass either.
  const bottom = rate === 8_000 && random.chance(0.5) ? random.between(100, 300) : 0;
  filterBand(samples, bottom, top);
  if (rate === 8_000 && random.chance(0.3)) compand(samples);
}

/** In place: linear phase, delay taken off; a Blackman window, so that 70 dB are gone beyond the edge. */
export function filterBand(samples: Int16Array, bottomHz: number, topHz: number): void {
  const half = (TAPS - 1) / 2;
  const taps = new Float64Array(TAPS);
  for (let i = 0; i < TAPS; i++) {
    const window =
      0.42 - 0.5 * Math.cos((2 * Math.PI * i) / (TAPS - 1)) + 0.08 * Math.cos((4 * Math.PI * i) / (TAPS - 1));
    taps[i] = window * sinc(2 * (topHz / SAMPLE_RATE), i - half);
  }
  const source = Float64Array.from(samples);
  // So short a filter has no edge at the bottom: there a one-pole one.
  const pole = bottomHz > 0 ? Math.exp((-2 * Math.PI * bottomHz) / SAMPLE_RATE) : 0;
  let slow = 0;
  for (let i = 0; i < samples.length; i++) {
    let sum = taps[half] * source[i];
    for (let k = 1; k <= half; k++) {
      const before = i >= k ? source[i - k] : 0;
      const after = i + k < source.length ? source[i + k] : 0;
      sum += taps[half + k] * (before + after);
    }
    if (pole > 0) {
      slow = pole * slow + (1 - pole) * sum;
      sum -= slow;
    }
    samples[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
}

/** In place: 8 bits a sample by mu-law, and back. */
export function compand(samples: Int16Array): void {
  const scale = Math.log(256);
  for (let i = 0; i < samples.length; i++) {
    const size = Math.min(1, Math.abs(samples[i]) / 32_768);
    const code = Math.round((127 * Math.log(1 + 255 * size)) / scale);
    samples[i] = Math.sign(samples[i]) * Math.round((32_767 * (256 ** (code / 127) - 1)) / 255);
  }
}

/** Low-pass at `cutoff`, 1 for Nyquist. */
function sinc(cutoff: number, at: number): number {
  return at === 0 ? cutoff : Math.sin(Math.PI * cutoff * at) / (Math.PI * at);
}
