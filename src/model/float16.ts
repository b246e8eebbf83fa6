import type { LayersModel } from './back.js';

/**
 * The same model with its float32 weights as IEEE half-precision numbers, in the way that TensorFlow.js reads back
 * (`quantization: {dtype: 'float16'}`): half the file, about three decimal digits. Other weights stay as they are.
 */
export function quantizeToFloat16(model: LayersModel): LayersModel {
  const source = new DataView(model.weights.buffer, model.weights.byteOffset, model.weights.byteLength);
  const parts: Uint8Array[] = [];
  let offset = 0;
  const weightSpecs = (model.weightSpecs as readonly PlainSpec[]).map((spec) => {
    const length = spec.shape.reduce((product, axis) => product * axis, 1);
    if (spec.dtype !== 'float32') {
      const bytes = spec.dtype === 'bool' ? length : length * 4;
      parts.push(model.weights.subarray(offset, (offset += bytes)));
      return spec;
    }
    const halves = new Uint16Array(length);
    for (let i = 0; i < length; i++, offset += 4) halves[i] = toHalf(source.getFloat32(offset, true));
    parts.push(new Uint8Array(halves.buffer));
    return { ...spec, quantization: { dtype: 'float16', original_dtype: 'float32' } };
  });
  return { ...model, weightSpecs, weights: new Uint8Array(Buffer.concat(parts)) };
}

interface PlainSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

const LARGEST_HALF = 65_504;
const SMALLEST_NORMAL_HALF = 2 ** -14;

/** Bits of the half nearest to `value`, ties to even; beyond the largest half, the largest half. */
function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.min(Math.abs(value), LARGEST_HALF);
  if (size < SMALLEST_NORMAL_HALF) return sign | roundToEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  // A mantissa that rounds up to 2048 carries into the exponent by this addition, as it should.
  return sign | (((exponent + 14) << 10) + roundToEven(size * 2 ** (10 - exponent)));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
