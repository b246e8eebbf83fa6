import libsamplerate from '@alexanderolsen/libsamplerate-js';

/** Float samples at another rate, by libsamplerate's medium sinc filter: what our own resampler is compared with. */
export async function byLibsamplerate(
  samples: Float32Array,
  fromRate: number,
  toRate: number,
): Promise<Float32Array> {
  const { create, ConverterType } = libsamplerate;
  const converter = await create(1, fromRate, toRate, {
    converterType: ConverterType.SRC_SINC_MEDIUM_QUALITY,
  });
  const out = new Float32Array(Math.round((samples.length * toRate) / fromRate));
  const made = { frames: 0 };
  // Silence after the end brings out what the filter still holds.
  const padded = new Float32Array(samples.length + 2 * 8192);
  padded.set(samples);
  const piece = new Float32Array(Math.ceil((8192 * toRate) / fromRate) + 1);
  for (let at = 0, length = 0; at < padded.length && length < out.length; at += 8192) {
    converter.full(padded.subarray(at, at + 8192), piece, made);
    const wanted = Math.min(made.frames, out.length - length);
    out.set(piece.subarray(0, wanted), length);
    length += wanted;
  }
  converter.destroy();
  return out;
}
