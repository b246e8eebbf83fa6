// Weights in half precision as the kernels of assembly/network.ts read them, in single precision.

/** Outputs that are worked on at a time. */
const GROUP: usize = 16;

/**
 * @param from halves, [places, channels, outputs]
 * @param to receives, for each sixteen outputs, [places, stride, 16]; zeros where there is no channel or no output must be there already
 */
export function packKernel(
  from: usize,
  to: usize,
  places: usize,
  channels: usize,
  stride: usize,
  outputs: usize,
): void {
  for (let first: usize = 0; first < outputs; first += GROUP) {
    const left = min(GROUP, outputs - first);
    let row = from + (first << 1);
    for (let place: usize = 0; place < places; place++) {
      for (let channel: usize = 0; channel < channels; channel++) {
        if (left === GROUP) {
          v128.store(to, singles(v128.load16x4_u(row)));
          v128.store(to, singles(v128.load16x4_u(row, 8)), 16);
          v128.store(to, singles(v128.load16x4_u(row, 16)), 32);
          v128.store(to, singles(v128.load16x4_u(row, 24)), 48);
        } else {
          for (let i: usize = 0; i < left; i++) {
            store<f32>(to + (i << 2), f32x4.extract_lane(singles(i32x4.splat(load<u16>(row + (i << 1)))), 0));
          }
        }
        row += outputs << 1;
        to += GROUP << 2;
      }
      to += (stride - channels) * (GROUP << 2);
    }
  }
}

/** The same numbers: the exponent of a half, read as that of a single, is 112 too low. */
function singles(halves: v128): v128 {
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
  const size = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13);
  const exponent = v128.and(halves, i32x4.splat(0x7c00));
  // Infinity, and what is not a number, have the highest exponent in both.
  const isSpecial = i32x4.eq(exponent, i32x4.splat(0x7c00));
  const usual = f32x4.mul(size, f32x4.splat(5192296858534827628530496329220096.0));
  const special = v128.or(size, i32x4.splat(0x7f800000));
  return v128.or(v128.bitselect(special, usual, isSpecial), sign);
}
