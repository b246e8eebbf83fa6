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
 *
 * @param warp moves every corner to `warp` times its frequency, at most to Nyquist
 */
export function melBank(bands: number, windowSamples: number, sampleRate: number, warp = 1): MelBank {
  const topMel = melOfHz(sampleRate / 2);
  // Meyda holds the corners in single precision; a corner that falls on the edge of a bin lands as there.
  const corners = Array.from({ length: bands + 2 }, (_, i) => {
    const mel = Math.fround((i * topMel) / (bands + 1));
    const hz = Math.fround(hzOfMel(mel));
    const warped = warp === 1 ? hz : Math.min(sampleRate / 2, hz * warp);
    return Math.floor(((windowSamples + 1) * warped) / sampleRate);
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

/**
 * Levels of the bands: log(1 + x) of the power under each triangle.
 *
 * @param power [bins]
 * @param levels receives [bands]
 */
export function melLevels(bank: MelBank, power: Float64Array, levels: Float64Array): void {
  const { firstBin, rowStart, weights } = bank;
  for (let band = 0; band < levels.length; band++) {
    const end = rowStart[band + 1];
    let w = rowStart[band];
    let bin = firstBin[band];
    // Two sums at a time, as one alone would wait for each addition to end before the next.
    let even = 0;
    let odd = 0;
    for (; w + 1 < end; w += 2, bin += 2) {
      even += weights[w] * power[bin];
      odd += weights[w + 1] * power[bin + 1];
    }
    if (w < end) even += weights[w] * power[bin];
    levels[band] = Math.log(even + odd + 1);
  }
}
