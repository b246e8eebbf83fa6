/** A mel filter bank, row by row, without its zeros. */
export interface MelBank {
  /** First spectrum bin of each band. */
  readonly firstBin: Uint16Array;
  /** Where each band's weights begin in `weights`; one entry more than there are bands. */
  readonly rowStart: Uint16Array;
  readonly weights: Float64Array;
}

const melOfHz = (hz: number) => 1125 * Math.log(1 + hz / 700);
const hzOfMel = (mel: number) => 700 * (Math.exp(mel / 1125) - 1);

/**
 * Triangles of equal mel width from 0 Hz to Nyquist, their corners rounded down to FFT bins, as Meyda 5 defines them:
 * the corners' bin is floor((window + 1) * hz / rate).
 */
export function melBank(bands: number, windowSamples: number, sampleRate: number): MelBank {
  const topMel = melOfHz(sampleRate / 2);
  // Meyda holds the corners in single precision; a corner that falls on the edge of a bin lands as there.
  const corners = Array.from({ length: bands + 2 }, (_, i) => {
    const mel = Math.fround((i * topMel) / (bands + 1));
    const hz = Math.fround(hzOfMel(mel));
    return Math.floor(((windowSamples + 1) * hz) / sampleRate);
  });
  const firstBin = new Uint16Array(bands);
  const rowStart = new Uint16Array(bands + 1);
  const weights: number[] = [];
  for (let band = 0; band < bands; band++) {
    const [low, peak, high] = [corners[band], corners[band + 1], corners[band + 2]];
    firstBin[band] = low;
    for (let bin = low; bin < Math.min(high, windowSamples / 2); bin++) {
      weights.push(bin < peak ? (bin - low) / (peak - low) : (high - bin) / (high - peak));
    }
    rowStart[band + 1] = weights.length;
  }
  return { firstBin, rowStart, weights: Float64Array.from(weights) };
}
