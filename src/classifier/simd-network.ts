import { WorkMemory } from '../simd/index.js';
import {
  type NetworkPlan,
  NotPlanned,
  type PlannedLayer,
  type PlannedTensor,
  padded,
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
  stream: number;
  last: Heard | null;
  /** When it was last used: the lowest goes first. */
  used: number;
}

/**
 * A planned network in the memory of the SIMD kernels. All layers between input and output keep what they computed, so that where the next
 * input of a stream is the last one moved on by some rows, only the rows that are new are computed. The sums are added in the same order
 * either way, so that what comes out is the same to the last bit.
 */
export class SimdNetwork<Heard> {
  readonly plan: NetworkPlan;
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
  #now = 0;

  /**
   * @param mostStates streams whose last inputs are remembered
   * @throws NotPlanned where it takes more memory than there is
   */
  constructor(plan: NetworkPlan, input: InputOf<Heard>, mostStates: number) {
    this.plan = plan;
    this.#input = input;
    this.#tensors = offsets(plan.tensors);
    this.#stateBytes = this.#tensors[plan.tensors.length];
    const weights = plan.layers.map((layer) => packedWeights(layer, plan.tensors[layer.input]));
    const bytes = weights.reduce(
      (sum, { kernel, bias }) => sum + kernel.byteLength + bias.byteLength + 4 * DESCRIPTION,
      // What each of them may be filled up with.
      48 * weights.length,
    );
    this.#mostStates = mostStates;
    try {
      this.#memory = new WorkMemory(bytes + mostStates * this.#stateBytes);
    } catch (error) {
      throw new NotPlanned((error as Error).message);
    }
    this.#layers = plan.layers.map((layer, i) => this.#place(layer, weights[i]));
  }

  /**
   * Computes the network; {@link tensor} gives the results.
   *
   * @param stream whose input it is
   */
  run(stream: number, heard: Heard): void {
    const state = this.#stateOf(stream);
    const { plan } = this;
    const shifts = state.last === null ? null : shiftsOf(plan, this.#input.moved(state.last, heard));
    state.last = heard;
    this.#stateAt = state.at;
    this.#input.fill(this.tensor(0), heard, this.#moveOn(0, shifts));
    for (const [i, { output }] of plan.layers.entries()) {
      this.#memory.runLayer(this.#layers[i], state.at, this.#moveOn(output, shifts));
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

  #stateOf(stream: number): State<Heard> {
    let state = this.#states.find((each) => each.stream === stream);
    if (!state) {
      if (this.#states.length < this.#mostStates) {
        state = { at: this.#memory.take(this.#stateBytes), stream, last: null, used: 0 };
        this.#states.push(state);
      } else {
        state = this.#states.reduce((oldest, each) => (each.used < oldest.used ? each : oldest));
        state.stream = stream;
        state.last = null;
      }
    }
    state.used = ++this.#now;
    return state;
  }

  /** @returns the byte offset of the description */
  #place(layer: PlannedLayer, { kernel, bias }: PackedWeights): number {
    const { tensors } = this.plan;
    const memory = this.#memory;
    const put = (values: Float32Array) => {
      const at = memory.take(values.byteLength);
      memory.float32.set(values, at / 4);
      return at;
    };
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
        put(kernel),
        put(bias),
        shortcut ? this.#tensors[shortcut.tensor] + shortcut.row * 4 * output.columns * output.stride : -1,
        layer.relu ? 1 : 0,
      ],
      at / 4,
    );
    return at;
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
    if (tensor.sameAs === undefined) end += Math.ceil((4 * lengthOf(tensor) + SPARE) / 16) * 16;
  }
  return [...at, end];
}

/** By how many rows each tensor moves on where the input does by `moved`; null where one would by a part of a row. */
function shiftsOf({ tensors, layers }: NetworkPlan, moved: number): number[] | null {
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

interface PackedWeights {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/**
 * A kernel as assembly/network.ts reads it: for each sixteen outputs [kernelRows, kernelColumns, stride, 16], with zeros where there is no
 * channel or no output. That of a depthwise layer stays [kernelRows, kernelColumns, stride].
 */
function packedWeights(
  { kernel, bias, kernelRows, kernelColumns, depthwise }: PlannedLayer,
  input: PlannedTensor,
): PackedWeights {
  const { channels, stride } = input;
  const places = kernelRows * kernelColumns;
  const outputs = bias.length;
  if (depthwise) {
    const out = new Float32Array(places * stride);
    for (let place = 0; place < places; place++) {
      out.set(kernel.subarray(place * channels, (place + 1) * channels), place * stride);
    }
    const filled = new Float32Array(padded(outputs));
    filled.set(bias);
    return { kernel: out, bias: filled };
  }
  const groups = Math.ceil(outputs / GROUP);
  const out = new Float32Array(groups * places * stride * GROUP);
  let at = 0;
  for (let group = 0; group < groups; group++) {
    const first = group * GROUP;
    const count = Math.min(GROUP, outputs - first);
    for (let place = 0; place < places; place++) {
      for (let c = 0; c < stride; c++, at += GROUP) {
        if (c >= channels) continue;
        const from = (place * channels + c) * outputs + first;
        for (let o = 0; o < count; o++) out[at + o] = kernel[from + o];
      }
    }
  }
  const filled = new Float32Array(groups * GROUP);
  filled.set(bias);
  return { kernel: out, bias: filled };
}
