/** Sounds made by formula, and measures of how much of them came through. */

/** A sine, `amplitude` of full scale, as float samples. */
export function tone(frequencyHz: number, rate: number, seconds: number, amplitude = 0.5): Float32Array {
  return Float32Array.from(
    { length: Math.round(rate * seconds) },
    (_, i) => amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / rate),
  );
}

/** A voice-like sound: harmonics of a gliding pitch, swelling and fading a few times a second; int16. */
export function voice(rate: number, seconds: number): Int16Array {
  return Int16Array.from({ length: Math.round(rate * seconds) }, (_, i) => {
    const time = i / rate;
    const phase = 2 * Math.PI * (120 * time + 15 * time * time);
    let sum = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic++) sum += Math.sin(harmonic * phase) / harmonic;
    return Math.round(6000 * sum * (0.55 + 0.45 * Math.sin(2 * Math.PI * 3 * time)));
  });
}

/** Amplitude of one frequency in the samples, by correlation with a sine and a cosine. */
export function amplitudeOf(frequencyHz: number, rate: number, samples: ArrayLike<number>): number {
  let re = 0;
  let im = 0;
  for (let i = 0; i < samples.length; i++) {
    const angle = (2 * Math.PI * frequencyHz * i) / rate;
    re += samples[i] * Math.cos(angle);
    im += samples[i] * Math.sin(angle);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
}

/** Pearson's correlation over the length that both have. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const length = Math.min(a.length, b.length);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}

/** int16 samples as little-endian bytes. */
export function s16le(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(samples.length * 2);
  for (let i = 0; i < samples.length; i++) bytes.writeInt16LE(samples[i], 2 * i);
  return bytes;
}
