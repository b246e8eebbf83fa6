/**
 * What samples are, by their bytes, where they are something else than 16 bits, little-endian. Of sound in 16 bits the
 * higher byte of each sample is near 0 or 255 most of the time, and neighbours are alike.
 *
 * @param bytes an even number of them, not all 0
 * @returns for a sentence; null where nothing speaks against 16 bits
 */
export function kindOfSamples(bytes: Uint8Array): string | null {
  if (areFloats(bytes, 8)) return '64-bit floats';
  if (areFloats(bytes, 4)) return '32-bit floats';
  if (areBytes(bytes)) return '8-bit samples';
  const samples = new Int16Array(Uint8Array.from(bytes).buffer, 0, bytes.length >> 1);
  if (areSwapped(samples)) return '16-bit samples with the high byte first (big-endian)';
  return null;
}

/**
 * Sound in floats lies within [-1, 1]; 16-bit samples read as floats have exponents all over. Only samples of about half
 * scale, all of one sign, would look alike.
 */
function areFloats(bytes: Uint8Array, width: 4 | 8): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let sound = 0;
  let floats = 0;
  for (let at = 0; at + width <= bytes.length; at += width) {
    const value = Math.abs(width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
    if (value === 0) continue;
    sound++;
    if (value > 1e-7 && value <= 1) floats++;
  }
  return sound >= bytes.length / width / 4 && floats >= 0.98 * sound;
}

/** Below this, each value is like the one before; without regard to it, the roughness is 1. */
const SMOOTH = 0.4;
const ROUGH = 0.8;

/** Von Neumann's ratio, halved: how far neighbours are from each other, by how far values are from their mean. */
function roughness(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / values.length;
  let steps = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    squares += (values[i] - mean) ** 2;
    if (i > 0) steps += (values[i] - values[i - 1]) ** 2;
  }
  return squares === 0 ? 1 : steps / squares / 2;
}

/** Unsigned bytes lie around 128, and each is like the one before, wherever it stands. */
function areBytes(bytes: Uint8Array): boolean {
  const inMiddle = [0, 0];
  for (let at = 0; at < bytes.length; at++) if (bytes[at] >= 64 && bytes[at] < 192) inMiddle[at & 1]++;
  return Math.min(...inMiddle) >= 0.3 * bytes.length && roughness(bytes) < SMOOTH;
}

/** Values of lower bytes, of 256: quiet sound has fewer of higher ones. */
const LEAST_LOW_BYTES = 100;

/** Smooth with the bytes of each sample in the other order, and only then. */
function areSwapped(samples: Int16Array): boolean {
  if (new Set(samples.map((sample) => sample >> 8)).size < LEAST_LOW_BYTES) return false;
  const swapped = samples.map((sample) => ((sample & 0xff) << 8) | ((sample >> 8) & 0xff));
  return roughness(swapped) < SMOOTH && roughness(samples) > ROUGH;
}
