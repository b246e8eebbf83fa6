/** A run of mono samples as a decoder gives them: full scale is [-1, 1), at the rate of the file in Hz. */
export interface MonoBlock {
  readonly samples: Float32Array;
  readonly rate: number;
}

/** Little-endian samples: unsigned 8-bit, signed 16/24/32-bit, IEEE floats. */
export type SampleFormat = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64';

export const BYTES_PER_SAMPLE: Readonly<Record<SampleFormat, number>> = {
  u8: 1,
  s16: 2,
  s24: 3,
  s32: 4,
  f32: 4,
  f64: 8,
};

/** Reads one sample at a byte offset, scaled to [-1, 1). */
type ReadSample = (view: DataView, at: number) => number;

const READ_SAMPLE: Readonly<Record<SampleFormat, ReadSample>> = {
  u8: (view, at) => (view.getUint8(at) - 128) / 128,
  s16: (view, at) => view.getInt16(at, true) / 32_768,
  s24: (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65_536) / 8_388_608,
  s32: (view, at) => view.getInt32(at, true) / 2_147_483_648,
  f32: (view, at) => soundFloat(view.getFloat32(at, true)),
  f64: (view, at) => soundFloat(view.getFloat64(at, true)),
};

/** 0 for a float that is no sound: one NaN or infinity would fill the resampler's filter with NaN for good. */
function soundFloat(value: number): number {
  return Math.abs(value) < 2 ** 24 ? value : 0;
}

/**
 * Interleaved frames to mono, by averaging the channels.
 *
 * @param bytes whole frames; a partial one at the end is ignored
 * @returns [frames]
 */
export function interleavedToMono(bytes: Uint8Array, format: SampleFormat, channels: number): Float32Array {
  const read = READ_SAMPLE[format];
  const sampleBytes = BYTES_PER_SAMPLE[format];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mono = new Float32Array(Math.floor(bytes.length / (sampleBytes * channels)));
  let at = 0;
  for (let frame = 0; frame < mono.length; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++, at += sampleBytes) sum += read(view, at);
    mono[frame] = sum / channels;
  }
  return mono;
}

/**
 * Channels side by side to mono, by averaging them.
 *
 * @param planes [channels][at least frames]
 * @returns [frames]
 */
export function planarToMono(planes: readonly Float32Array[], frames: number): Float32Array {
  const mono = new Float32Array(frames);
  for (const plane of planes) for (let i = 0; i < frames; i++) mono[i] += plane[i];
  for (let i = 0; i < frames; i++) mono[i] /= planes.length;
  return mono;
}
