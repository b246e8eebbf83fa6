// A stack of streaming convolutions, fed row by row, four floats at a time: what src/gate/layer-stack.ts computes, with sums in
// single precision.

/** Byte offsets in the description of a layer: 32-bit numbers. Pointers are relative to the stack, or to a stream's state. */
const DEPTHWISE: usize = 0;
const STRIDE: usize = 4;
/** Bytes of an input row, and of all rows that a convolution takes. */
const ROW_BYTES: usize = 8;
const HISTORY_BYTES: usize = 12;
/** Bytes of an output row, filled up to a multiple of four numbers. */
const OUTPUT_BYTES: usize = 16;
const RELU: usize = 20;
const KERNEL: usize = 24;
const BIAS: usize = 28;
/** In the state: input rows, the oldest first. */
const HISTORY: usize = 32;
/** In the state: the newest input row of the layer that is added to the output; or -1. */
const SHORTCUT: usize = 36;
const DESCRIPTION: usize = 40;

/**
 * Takes one input row.
 * @param stack number of layers, then their descriptions
 * @param state rows that each layer waits for, then their histories
 * @param row as many floats as the first layer takes
 * @param work room for two output rows
 * @returns where the new output row lies; 0 where there is none yet
 */
export function pushRow(stack: usize, state: usize, row: usize, work: usize, workBytes: usize): usize {
  const layers = <usize>load<u32>(stack);
  let layer = stack + 8;
  let wanted = state;
  let output = work;
  for (let i: usize = 0; i < layers; i++) {
    const history = state + <usize>load<u32>(layer + HISTORY);
    take(history, <usize>load<u32>(layer + HISTORY_BYTES), row, <usize>load<u32>(layer + ROW_BYTES));
    const left = load<i32>(wanted) - 1;
    if (left > 0) {
      store<i32>(wanted, left);
      return 0;
    }
    store<i32>(wanted, load<i32>(layer + STRIDE));
    if (load<u32>(layer + DEPTHWISE)) depthwise(stack, layer, history, output);
    else convolve(stack, layer, history, output);
    const shortcut = load<i32>(layer + SHORTCUT);
    const outputBytes = <usize>load<u32>(layer + OUTPUT_BYTES);
    if (shortcut >= 0) add(output, state + <usize>shortcut, outputBytes);
    if (load<u32>(layer + RELU)) rectify(output, outputBytes);
    row = output;
    output = row === work ? work + workBytes : work;
    layer += DESCRIPTION;
    wanted += 4;
  }
  return row;
}

/** Moves the rows up by one, and puts a new one at the end. */
function take(history: usize, historyBytes: usize, row: usize, rowBytes: usize): void {
  const last = history + historyBytes - rowBytes;
  // Rows of no multiple of four numbers are read and written past their end: what is there comes later, or is room to spare.
  for (let to = history; to < last; to += 16) v128.store(to, v128.load(to + rowBytes));
  for (let byte: usize = 0; byte < rowBytes; byte += 16) v128.store(last + byte, v128.load(row + byte));
}

/** Sixteen outputs at a time while there are, then four: each input is loaded once for all of them. */
function convolve(stack: usize, layer: usize, history: usize, output: usize): void {
  let kernel = stack + <usize>load<u32>(layer + KERNEL);
  let bias = stack + <usize>load<u32>(layer + BIAS);
  const end = history + <usize>load<u32>(layer + HISTORY_BYTES);
  const outputEnd = output + <usize>load<u32>(layer + OUTPUT_BYTES);
  while (output + 64 <= outputEnd) {
    let sum0 = v128.load(bias);
    let sum1 = v128.load(bias, 16);
    let sum2 = v128.load(bias, 32);
    let sum3 = v128.load(bias, 48);
    for (let i = history; i < end; i += 4) {
      const x = v128.load32_splat(i);
      sum0 = f32x4.add(sum0, f32x4.mul(x, v128.load(kernel)));
      sum1 = f32x4.add(sum1, f32x4.mul(x, v128.load(kernel, 16)));
      sum2 = f32x4.add(sum2, f32x4.mul(x, v128.load(kernel, 32)));
      sum3 = f32x4.add(sum3, f32x4.mul(x, v128.load(kernel, 48)));
      kernel += 64;
    }
    v128.store(output, sum0);
    v128.store(output, sum1, 16);
    v128.store(output, sum2, 32);
    v128.store(output, sum3, 48);
    output += 64;
    bias += 64;
  }
  while (output + 32 <= outputEnd) {
    let sum0 = v128.load(bias);
    let sum1 = v128.load(bias, 16);
    for (let i = history; i < end; i += 4) {
      const x = v128.load32_splat(i);
      sum0 = f32x4.add(sum0, f32x4.mul(x, v128.load(kernel)));
      sum1 = f32x4.add(sum1, f32x4.mul(x, v128.load(kernel, 16)));
      kernel += 32;
    }
    v128.store(output, sum0);
    v128.store(output, sum1, 16);
    output += 32;
    bias += 32;
  }
  if (output === outputEnd) return;
  let sum = v128.load(bias);
  for (let i = history; i < end; i += 4) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(i), v128.load(kernel)));
    kernel += 16;
  }
  v128.store(output, sum);
}

function depthwise(stack: usize, layer: usize, history: usize, output: usize): void {
  let kernel = stack + <usize>load<u32>(layer + KERNEL);
  let bias = stack + <usize>load<u32>(layer + BIAS);
  const rowBytes = <usize>load<u32>(layer + ROW_BYTES);
  const size = <usize>load<u32>(layer + HISTORY_BYTES);
  const outputEnd = output + <usize>load<u32>(layer + OUTPUT_BYTES);
  while (output < outputEnd) {
    let sum = v128.load(bias);
    for (let k: usize = 0; k < size; k += rowBytes) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(history + k), v128.load(kernel + k)));
    }
    v128.store(output, sum);
    output += 16;
    bias += 16;
    history += 16;
    kernel += 16;
  }
}

export function add(output: usize, row: usize, bytes: usize): void {
  for (let byte: usize = 0; byte < bytes; byte += 16) {
    v128.store(output + byte, f32x4.add(v128.load(output + byte), v128.load(row + byte)));
  }
}

/** What is not a number stays one, as in the plain path. */
export function rectify(output: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (let byte: usize = 0; byte < bytes; byte += 16) {
    v128.store(output + byte, f32x4.max(v128.load(output + byte), zero));
  }
}
