// One layer of a network over whole tensors, [rows, columns, channels]: what src/classifier/simd-network.ts runs. Sixteen outputs are
// worked on at a time, at two places: each weight is loaded once for both.
import { add, rectify } from './layers';

/** Byte offsets in the description of a layer: 32-bit numbers. Tensors are relative to the state, weights to the memory. */
const DEPTHWISE: usize = 0;
const INPUT: usize = 4;
/** Bytes of an input row, and from the input of an output to that of the next one below, and to its right. */
const INPUT_ROW: usize = 8;
const STEP_ROW: usize = 12;
const STEP_COLUMN: usize = 16;
/** The kernel covers so many rows, and so many bytes of each. */
const RUNS: usize = 20;
const RUN_BYTES: usize = 24;
const OUTPUT: usize = 28;
const OUTPUT_ROWS: usize = 32;
const OUTPUT_COLUMNS: usize = 36;
/** Bytes of all outputs at one place, a multiple of four numbers. */
const PLACE_BYTES: usize = 40;
const KERNEL: usize = 44;
const BIAS: usize = 48;
/** Of what is added to the output, row by row; or -1. */
const SHORTCUT: usize = 52;
const RELU: usize = 56;

/** Computes the output rows of a layer from the row `from` on. */
export function runLayer(layer: usize, state: usize, from: usize): void {
  const rowBytes = <usize>load<u32>(layer + OUTPUT_COLUMNS) * <usize>load<u32>(layer + PLACE_BYTES);
  const output = state + <usize>load<u32>(layer + OUTPUT) + from * rowBytes;
  const bytes = (<usize>load<u32>(layer + OUTPUT_ROWS) - from) * rowBytes;
  const input = state + <usize>load<u32>(layer + INPUT) + from * <usize>load<u32>(layer + STEP_ROW);
  if (load<u32>(layer + DEPTHWISE)) depthwise(layer, input, output, output + bytes);
  else convolve(layer, input, output, output + bytes);
  const shortcut = load<i32>(layer + SHORTCUT);
  if (shortcut >= 0) add(output, state + <usize>shortcut + from * rowBytes, bytes);
  if (load<u32>(layer + RELU)) rectify(output, bytes);
}

/** Where the input of an output begins, by the number of its place. */
function inputOf(layer: usize, input: usize, columns: usize, place: usize): usize {
  const row = place / columns;
  const column = place - row * columns;
  return input + row * <usize>load<u32>(layer + STEP_ROW) + column * <usize>load<u32>(layer + STEP_COLUMN);
}

function convolve(layer: usize, input: usize, output: usize, end: usize): void {
  const columns = <usize>load<u32>(layer + OUTPUT_COLUMNS);
  const place = <usize>load<u32>(layer + PLACE_BYTES);
  const runs = <usize>load<u32>(layer + RUNS);
  const runBytes = <usize>load<u32>(layer + RUN_BYTES);
  const rowBytes = <usize>load<u32>(layer + INPUT_ROW);
  const places = (end - output) / place;
  let kernel = <usize>load<u32>(layer + KERNEL);
  let bias = <usize>load<u32>(layer + BIAS);
  for (let done: usize = 0; done < place; done += 64) {
    const left = place - done;
    let out = output + done;
    for (let n: usize = 0; n < places; n += 2, out += place << 1) {
      const first = inputOf(layer, input, columns, n);
      if (n + 1 === places) {
        one(first, runs, runBytes, rowBytes, kernel, bias, out, left);
      } else {
        const second = inputOf(layer, input, columns, n + 1);
        two(first, second, runs, runBytes, rowBytes, kernel, bias, out, out + place, left);
      }
    }
    kernel += (runs * runBytes) << 4;
    bias += 64;
  }
}

/** Sixteen outputs at two places. */
function two(
  input: usize,
  input2: usize,
  runs: usize,
  runBytes: usize,
  rowBytes: usize,
  kernel: usize,
  bias: usize,
  out: usize,
  out2: usize,
  left: usize,
): void {
  const apart = input2 - input;
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let a2 = v128.load(bias, 32);
  let a3 = v128.load(bias, 48);
  let b0 = a0;
  let b1 = a1;
  let b2 = a2;
  let b3 = a3;
  for (; runs > 0; runs--) {
    const end = input + runBytes;
    for (let i = input; i < end; i += 4) {
      const x = v128.load32_splat(i);
      const y = v128.load32_splat(i + apart);
      const w0 = v128.load(kernel);
      a0 = f32x4.add(a0, f32x4.mul(x, w0));
      b0 = f32x4.add(b0, f32x4.mul(y, w0));
      const w1 = v128.load(kernel, 16);
      a1 = f32x4.add(a1, f32x4.mul(x, w1));
      b1 = f32x4.add(b1, f32x4.mul(y, w1));
      const w2 = v128.load(kernel, 32);
      a2 = f32x4.add(a2, f32x4.mul(x, w2));
      b2 = f32x4.add(b2, f32x4.mul(y, w2));
      const w3 = v128.load(kernel, 48);
      a3 = f32x4.add(a3, f32x4.mul(x, w3));
      b3 = f32x4.add(b3, f32x4.mul(y, w3));
      kernel += 64;
    }
    input += rowBytes;
  }
  put(out, left, a0, a1, a2, a3);
  put(out2, left, b0, b1, b2, b3);
}

/** Sixteen outputs at one place: the same sums in the same order. */
function one(
  input: usize,
  runs: usize,
  runBytes: usize,
  rowBytes: usize,
  kernel: usize,
  bias: usize,
  out: usize,
  left: usize,
): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let a2 = v128.load(bias, 32);
  let a3 = v128.load(bias, 48);
  for (; runs > 0; runs--) {
    const end = input + runBytes;
    for (let i = input; i < end; i += 4) {
      const x = v128.load32_splat(i);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(kernel)));
      a1 = f32x4.add(a1, f32x4.mul(x, v128.load(kernel, 16)));
      a2 = f32x4.add(a2, f32x4.mul(x, v128.load(kernel, 32)));
      a3 = f32x4.add(a3, f32x4.mul(x, v128.load(kernel, 48)));
      kernel += 64;
    }
    input += rowBytes;
  }
  put(out, left, a0, a1, a2, a3);
}

/** Of sixteen outputs those that there are. */
function put(out: usize, left: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  v128.store(out, v0);
  if (left > 16) v128.store(out, v1, 16);
  if (left > 32) v128.store(out, v2, 32);
  if (left > 48) v128.store(out, v3, 48);
}

/** A kernel of each channel's own: as many bytes in a run as there are channels. */
function depthwise(layer: usize, input: usize, output: usize, end: usize): void {
  const columns = <usize>load<u32>(layer + OUTPUT_COLUMNS);
  const place = <usize>load<u32>(layer + PLACE_BYTES);
  const runBytes = <usize>load<u32>(layer + RUN_BYTES);
  const rowBytes = <usize>load<u32>(layer + INPUT_ROW);
  const kernel = <usize>load<u32>(layer + KERNEL);
  const kernelEnd = kernel + <usize>load<u32>(layer + RUNS) * runBytes;
  const bias = <usize>load<u32>(layer + BIAS);
  for (let n: usize = 0; output < end; n++, output += place) {
    const at = inputOf(layer, input, columns, n);
    for (let c: usize = 0; c < place; c += 16) {
      let sum = v128.load(bias + c);
      let from = at + c;
      for (let run = kernel + c; run < kernelEnd; run += runBytes) {
        for (let k: usize = 0; k < runBytes; k += place) {
          sum = f32x4.add(sum, f32x4.mul(v128.load(from + k), v128.load(run + k)));
        }
        from += rowBytes;
      }
      v128.store(output + c, sum);
    }
  }
}
