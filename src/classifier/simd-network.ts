import { aligned, WorkMemory } from '../simd/index.js';
import {
  type NetworkPlan,
  type NetworkShape,
  NotPlanned,
  type PlannedLayer,
  type PlannedTensor,
} from './network-plan.js';

/** 32-bit numbers that describe a layer: see assembly/network.ts. */
const DESCRIPTION = 16;
/** Bytes that the kernels may read past the end of what they are given: they work on four numbers at a time. */
const SPARE = 16;
/** Outputs that are worked on at a time. */
const GROUP = 16;
/** How a network is given its input, which is made of a `Heard`. */
export interface InputOf<Heard> {
  /**
   * By how many rows the input of `heard` is that of `last` moved on; 0 where it has nothing to do with it. What is answered must be true
   * to the last bit.
   */
  moved(last: Heard, heard: Heard): number;
  /** Writes the rows of the input from `from` on: [rows, columns, stride], of which those before are right already. */
  fill(input: Float32Array, heard: Heard, from: number): void;
}

/** What a network has computed for one input. */
interface State<Heard> {
  /** Byte offset of its tensors. */
  readonly at: number;
  last: Heard;
  /** When it was last used, by `performance.now()`. */
  usedMs: number;
}

/** Windows of a stream follow one another sooner: what has not been continued for so long may be forgotten. */
const CONTINUED_WITHIN_MS = 1000;

/** All states together take no more, as long as there is room for one. */
const MOST_STATE_BYTES = 2 ** 23;

/**
 * A planned network in the memory of the SIMD kernels. All layers between input and output keep what they computed for the last inputs, so
 * that where an input is one of them moved on by some rows, only the rows that are new are computed. The sums are added in the same order
 * either way, so that what comes out is the same to the last bit.
 */
export class SimdNetwork<Heard> {
  readonly plan: NetworkShape;
  readonly #input: InputOf<Heard>;
  readonly #memory: WorkMemory;
  readonly #layers: readonly number[];
  /** Byte offsets of the tensors in a state. */
  readonly #tensors: readonly number[];
  readonly #stateBytes: number;
  readonly #mostStates: number;
  readonly #states: State<Heard>[] = [];
  /** Of the newest input. */
  #stateAt = 0;

  /**
   * @param mostStates inputs that are remembered, at most: memory is taken when they come
   * @throws NotPlanned where it takes more memory than there is
   */
  constructor(plan: NetworkPlan, input: InputOf<Heard>, mostStates: number) {
    // Without the weights, which are copied: what they were read from is not to stay.
    this.plan = { ...plan, layers: plan.layers.map(({ kernel: _, bias: __, ...shape }) => shape) };
    this.#input = input;
    this.#tensors = offsets(plan.tensors);
    this.#stateBytes = this.#tensors[plan.tensors.length];
    const weights = plan.layers.map((layer) => sizesOf(layer, plan.tensors[layer.input]));
    const bytes = weights.reduce((sum, { kernel, bias }) => sum + 4 * (kernel + bias + DESCRIPTION), 0);
    // What is written in half precision lies where the first state will, until it is unpacked.
    const halves = Math.max(...plan.layers.map(({ kernel }) => kernel.halves?.length ?? 0));
    this.#mostStates = Math.max(1, Math.min(mostStates, Math.floor(MOST_STATE_BYTES / this.#stateBytes)));
    try {
      this.#memory = new WorkMemory(bytes + Math.max(this.#mostStates * this.#stateBytes, halves));
    } catch (error) {
      throw new NotPlanned((error as Error).message);
    }
    this.#layers = plan.layers.map((layer, i) => this.#place(layer, weights[i], bytes));
    this.#memory.bytes.fill(0, bytes, bytes + halves);
  }

  /** Computes the network; {@link tensor} gives the results. */
  run(heard: Heard): void {
    const { plan } = this;
    const shifts = shiftsOf(plan, this.#takeState(heard));
    this.#input.fill(this.tensor(0), heard, this.#moveOn(0, shifts));
    for (const [i, { output }] of plan.layers.entries()) {
      this.#memory.runLayer(this.#layers[i], this.#stateAt, this.#moveOn(output, shifts));
    }
  }

  /** Moves the rows of a tensor that are still right to where they are now. @returns the first row that is new */
  #moveOn(tensor: number, shifts: readonly number[] | null): number {
    const { rows, columns, stride } = this.plan.tensors[tensor];
    const shift = shifts?.[tensor] ?? rows;
    if (shift >= rows) return 0;
    const at = this.#stateAt + this.#tensors[tensor];
    const rowBytes = 4 * columns * stride;
    this.#memory.bytes.copyWithin(at, at + shift * rowBytes, at + rows * rowBytes);
    return rows - shift;
  }

  /** A tensor as the newest {@link run} has computed it, [rows, columns, stride]: valid until the next. */
  tensor(index: number): Float32Array {
    const at = (this.#stateAt + this.#tensors[index]) / 4;
    return this.#memory.float32.subarray(at, at + lengthOf(this.plan.tensors[index]));
  }

  /**
   * Works in the state of the input that this one continues, else in one that nothing continues any more, or in a new one.
   *
   * @returns by how many rows it moved on, 0 where it continues none
   */
  #takeState(heard: Heard): number {
    let oldest: State<Heard> | null = null;
    for (const state of this.#states) {
      const moved = this.#input.moved(state.last, heard);
      if (moved > 0) return this.#use(state, heard, moved);
      if (oldest === null || state.usedMs < oldest.usedMs) oldest = state;
    }
    const isFull = this.#states.length === this.#mostStates;
    if (oldest === null || (!isFull && performance.now() - oldest.usedMs < CONTINUED_WITHIN_MS)) {
      oldest = { at: this.#memory.take(this.#stateBytes), last: heard, usedMs: 0 };
      this.#states.push(oldest);
    }
    return this.#use(oldest, heard, 0);
  }

  #use(state: State<Heard>, heard: Heard, moved: number): number {
    state.last = heard;
    state.usedMs = performance.now();
    this.#stateAt = state.at;
    return moved;
  }

  /**
   * @param spare where halves may lie
   * @returns the byte offset of the description
   */
  #place(layer: PlannedLayer, sizes: WeightSizes, spare: number): number {
    const { tensors } = this.plan;
    const memory = this.#memory;
    const kernel = memory.take(4 * sizes.kernel);
    this.#placeKernel(layer, tensors[layer.input], kernel, spare);
    const bias = memory.take(4 * sizes.bias);
    memory.float32.set(layer.bias.values(), bias / 4);
    const input = tensors[layer.input];
    const output = tensors[layer.output];
    const inputRow = 4 * input.columns * input.stride;
    const at = memory.take(4 * DESCRIPTION);
    const { shortcut, strides } = layer;
    memory.int32.set(
      [
        layer.depthwise ? 1 : 0,
        this.#tensors[layer.input] + layer.inputRow * inputRow,
        inputRow,
        strides[0] * inputRow,
        strides[1] * 4 * input.stride,
        layer.kernelRows,
        layer.kernelColumns * 4 * input.stride,
        this.#tensors[layer.output],
        output.rows,
        output.columns,
        4 * output.stride,
        kernel,
        bias,
        shortcut ? this.#tensors[shortcut.tensor] + shortcut.row * 4 * output.columns * output.stride : -1,
        layer.relu ? 1 : 0,
      ],
      at / 4,
    );
    return at;
  }

  /**
   * A kernel as assembly/network.ts reads it: for each sixteen outputs [kernelRows, kernelColumns, stride, 16], with zeros where there is no
   * channel or no output. That of a depthwise layer is [kernelRows, kernelColumns, stride].
   */
  #placeKernel(
    { kernel, bias, kernelRows, kernelColumns, depthwise }: PlannedLayer,
    { channels, stride }: PlannedTensor,
    to: number,
    spare: number,
  ): void {
    const { bytes, float32, packKernel } = this.#memory;
    const places = kernelRows * kernelColumns;
    if (kernel.halves && !depthwise) {
      bytes.set(kernel.halves, spare);
      packKernel(spare, to, places, channels, stride, bias.length);
      return;
    }
    const values = kernel.values();
    const outputs = depthwise ? 1 : bias.length;
    const group = depthwise ? 1 : GROUP;
    let at = to / 4;
    for (let first = 0; first < outputs; first += group) {
      const count = Math.min(group, outputs - first);
      for (let place = 0; place < places; place++) {
        for (let c = 0; c < stride; c++, at += group) {
          if (c >= channels) continue;
          const from = (place * channels + c) * outputs + first;
          for (let o = 0; o < count; o++) float32[at + o] = values[from + o];
        }
      }
    }
  }
}

function lengthOf({ rows, columns, stride }: PlannedTensor): number {
  return rows * columns * stride;
}

/** Byte offsets of tensors one after another, and where the last one ends. */
function offsets(tensors: readonly PlannedTensor[]): number[] {
  const at: number[] = [];
  let end = 0;
  for (const tensor of tensors) {
    at.push(tensor.sameAs === undefined ? end : at[tensor.sameAs]);
    if (tensor.sameAs === undefined) end += aligned(4 * lengthOf(tensor) + SPARE);
  }
  return [...at, end];
}

/** By how many rows each tensor moves on where the input does by `moved`; null where one would by a part of a row. */
function shiftsOf({ tensors, layers }: NetworkShape, moved: number): number[] | null {
  if (moved <= 0) return null;
  const shifts: number[] = new Array(tensors.length).fill(0);
  shifts[0] = moved;
  for (const { input, output, strides, shortcut } of layers) {
    const shiftOf = (tensor: number) => shifts[tensors[tensor].sameAs ?? tensor];
    shifts[output] = shiftOf(input) / strides[0];
    if (!Number.isInteger(shifts[output])) return null;
    if (shortcut && shiftOf(shortcut.tensor) !== shifts[output]) return null;
  }
  return shifts;
}

/** Numbers that the weights of a layer take. */
interface WeightSizes {
  readonly kernel: number;
  readonly bias: number;
}

function sizesOf(
  { bias, kernelRows, kernelColumns, depthwise }: PlannedLayer,
  { stride }: PlannedTensor,
): WeightSizes {
  const places = kernelRows * kernelColumns;
  const outputs = Math.ceil(bias.length / GROUP) * GROUP;
  return { kernel: places * stride * (depthwise ? 1 : outputs), bias: outputs };
}
