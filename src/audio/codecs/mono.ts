import { WakegateError } from '../../errors.js';

/** A run of mono samples as a decoder gives them: full scale is [-1, 1), at the rate of the file in Hz. */
export interface MonoBlock {
  readonly samples: Float32Array;
  readonly rate: number;
}

/** What decoders need besides the bytes. */
export interface DecodeContext {
  /** What the audio is called in errors. */
  readonly name: string;
  /** The only channel that is wanted, counted from 1; 0 for the mean of all. */
  readonly channel: number;
  /** Called where there is less than the audio says; what there is has been given, or will be. */
  readonly onCut: (sentence: string) => void;
  /** Called when a decoder was freed before the end: its memory is there until it is collected. */
  readonly onFreed: () => void;
}

/** More than any recorder has; each costs memory and time. */
export const MAX_CHANNELS = 32;

/**
 * Samples as files store them: `u8`, `s8`; 16, 24 and 32-bit integers and IEEE floats, little-endian, or big-endian
 * with `be`; `s24of32` in the lower three of four bytes; A-law and mu-law (ITU-T G.711).
 */
export type SampleFormat =
  | 'u8'
  | 's8'
  | 's16'
  | 's24'
  | 's32'
  | 's24of32'
  | 'f32'
  | 'f64'
  | 's16be'
  | 's24be'
  | 's32be'
  | 'f32be'
  | 'f64be'
  | 'alaw'
  | 'mulaw';

export const BYTES_PER_SAMPLE: Readonly<Record<SampleFormat, number>> = {
  u8: 1,
  s8: 1,
  s16: 2,
  s24: 3,
  s32: 4,
  s24of32: 4,
  f32: 4,
  f64: 8,
  s16be: 2,
  s24be: 3,
  s32be: 4,
  f32be: 4,
  f64be: 8,
  alaw: 1,
  mulaw: 1,
};

/** Reads one sample at a byte offset, scaled to [-1, 1). */
type ReadSample = (view: DataView, at: number) => number;

const READ_SAMPLE: Readonly<Record<SampleFormat, ReadSample>> = {
  u8: (view, at) => (view.getUint8(at) - 128) / 128,
  s8: (view, at) => view.getInt8(at) / 128,
  s16: (view, at) => view.getInt16(at, true) / 32_768,
  s24: (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65_536) / 8_388_608,
  s32: (view, at) => view.getInt32(at, true) / 2_147_483_648,
  s24of32: (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65_536) / 8_388_608,
  f32: (view, at) => soundFloat(view.getFloat32(at, true)),
  f64: (view, at) => soundFloat(view.getFloat64(at, true)),
  s16be: (view, at) => view.getInt16(at) / 32_768,
  s24be: (view, at) => (view.getUint16(at + 1) + view.getInt8(at) * 65_536) / 8_388_608,
  s32be: (view, at) => view.getInt32(at) / 2_147_483_648,
  f32be: (view, at) => soundFloat(view.getFloat32(at)),
  f64be: (view, at) => soundFloat(view.getFloat64(at)),
  alaw: (view, at) => A_LAW[view.getUint8(at)],
  mulaw: (view, at) => MU_LAW[view.getUint8(at)],
};

/** 0 for a float that is no sound: one NaN or infinity would fill the resampler's filter with NaN for good. */
function soundFloat(value: number): number {
  return Math.abs(value) < 2 ** 24 ? value : 0;
}

/** ITU-T G.711, scaled as 16-bit samples are. */
const A_LAW = Float64Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return (bits & 0x80 ? magnitude : -magnitude) / 32_768;
});

const MU_LAW = Float64Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80 ? -magnitude : magnitude) / 32_768;
});

/**
 * Interleaved frames to mono: one channel, or the mean of all.
 *
 * @param bytes whole frames; a partial one at the end is ignored
 * @returns [frames]
 */
export function interleavedToMono(
  bytes: Uint8Array,
  format: SampleFormat,
  channels: number,
  context: DecodeContext,
): Float32Array {
  const [first, last] = wantedChannels(channels, context);
  const read = READ_SAMPLE[format];
  const sampleBytes = BYTES_PER_SAMPLE[format];
  const frameBytes = sampleBytes * channels;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mono = new Float32Array(Math.floor(bytes.length / frameBytes));
  for (let frame = 0; frame < mono.length; frame++) {
    let sum = 0;
    for (let channel = first; channel <= last; channel++) {
      sum += read(view, frame * frameBytes + channel * sampleBytes);
    }
    mono[frame] = sum / (last - first + 1);
  }
  return mono;
}

/**
 * Channels side by side to mono: one of them, or the mean of all.
 *
 * @param planes [channels][at least frames]
 * @returns [frames]
 */
export function planarToMono(
  planes: readonly Float32Array[],
  frames: number,
  context: DecodeContext,
): Float32Array {
  const [first, last] = wantedChannels(planes.length, context);
  if (first === last) return planes[first].slice(0, frames);
  const mono = new Float32Array(frames);
  for (const plane of planes) for (let i = 0; i < frames; i++) mono[i] += plane[i];
  for (let i = 0; i < frames; i++) mono[i] /= planes.length;
  return mono;
}

/** First and last channel to take the mean of, counted from 0. */
function wantedChannels(channels: number, { name, channel }: DecodeContext): [first: number, last: number] {
  if (channel === 0) return [0, channels - 1];
  if (channel <= channels) return [channel - 1, channel - 1];
  const has = channels === 1 ? 'it has only one' : `it has ${channels}`;
  throw new WakegateError('WG_USAGE', `${name} has no channel ${channel}: ${has}`);
}
