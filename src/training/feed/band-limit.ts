import type { Random } from '../random.js';

/** Sampling rates of telephones, headsets and cheap microphones: what they leave of the band. */
const RATES = [8_000, 8_000, 11_025, 12_000];
const TAPS = 63;
const SAMPLE_RATE = 16_000;

/** In place: what is left of 16 kHz sound after it went through a channel of a lower rate, and now and then its companding (G.711). */
export function throughNarrowBand(samples: Int16Array, random: Random): void {
  const rate = random.pick(RATES);
  const top = 0.46 * rate * random.between(0.9, 1.03);
  // A telephone has no bass either, and its edge is steep.
  const bottom = rate === 8_000 && random.chance(0.6) ? random.between(120, 360) : 0;
  filterBand(samples, bottom, top);
  if (rate === 8_000 && random.chance(0.3)) compand(samples);
}

/** In place: linear phase at the top, delay taken off; a Blackman window, so that 70 dB are gone beyond the edge. 24 dB an octave at the bottom. */
export function filterBand(samples: Int16Array, bottomHz: number, topHz: number): void {
  const half = (TAPS - 1) / 2;
  const taps = new Float64Array(TAPS);
  for (let i = 0; i < TAPS; i++) {
    const window =
      0.42 - 0.5 * Math.cos((2 * Math.PI * i) / (TAPS - 1)) + 0.08 * Math.cos((4 * Math.PI * i) / (TAPS - 1));
    taps[i] = window * sinc(2 * (topHz / SAMPLE_RATE), i - half);
  }
  const source = Float64Array.from(samples);
  const heard = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    let sum = taps[half] * source[i];
    for (let k = 1; k <= half; k++) {
      const before = i >= k ? source[i - k] : 0;
      const after = i + k < source.length ? source[i + k] : 0;
      sum += taps[half + k] * (before + after);
    }
    heard[i] = sum;
  }
  // So short a filter has no edge at the bottom.
  if (bottomHz > 0) highPass(heard, bottomHz / SAMPLE_RATE);
  for (let i = 0; i < samples.length; i++) {
    samples[i] = Math.max(-32_768, Math.min(32_767, Math.round(heard[i])));
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

/** Butterworth's of fourth order, as two biquads (Bristow-Johnson's cookbook). In place. @param edge of the sampling rate */
export function highPass(samples: Float32Array, edge: number): void {
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
