import type { FrontLayer } from '../model/pack.js';
import { INPUT, type Kernels, type Tenant, WORK } from '../simd/index.js';
import { macsPerRow, type Stack, shortcutsOf } from './layer-stack.js';
import { grouped, paddedOutputs } from './layer-weights.js';

/** 32-bit numbers that describe a layer, and of what comes before them: see assembly/layers.ts. */
const DESCRIPTION = 10;
const LEAD = 2;
/** Bytes that the kernels may read or write past the end of a row: they work on four numbers at a time. */
const SPARE = 16;
/** Bytes of an input or output row that there is room for. */
const MOST_ROW_BYTES = 16_384;

/** Networks by their layers and the kernels that run them: one for all streams. */
const networks = new WeakMap<Kernels, WeakMap<readonly FrontLayer[], Network>>();

/**
 * What {@link LayerStack} computes, by WebAssembly with SIMD, with sums in single precision. Between its rows the state of a stream stays
 * where the kernels work on it, until another stream of the same network needs the place. Nothing is allocated after construction.
 */
export class SimdStack implements Stack {
  readonly macsPerRow: number;
  readonly output: Float32Array;
  readonly #network: Network;
  readonly #inputs: number;
  /** What this stream's state is while it is not in its network's place. */
  readonly #state: Uint8Array;

  /** Whether it can run such layers. */
  static takes(layers: readonly FrontLayer[], kernels: Kernels): boolean {
    const widest = Math.max(...layers.map(({ inputs, outputs }) => Math.max(inputs, outputs)));
    return 4 * widest + SPARE <= MOST_ROW_BYTES && kernels.holds(networkOf(layers, kernels).bytes);
  }

  constructor(layers: readonly FrontLayer[], kernels: Kernels) {
    this.macsPerRow = macsPerRow(layers);
    this.#network = networkOf(layers, kernels);
    this.#inputs = layers[0].inputs;
    this.#state = this.#network.newState();
    this.output = new Float32Array(layers[layers.length - 1].outputs);
  }

  push(row: Float32Array, at: number): boolean {
    const network = this.#network;
    network.enter(this);
    const { float32 } = network.kernels;
    const inputs = this.#inputs;
    for (let i = 0; i < inputs; i++) float32[INPUT / 4 + i] = row[at + i];
    const place = network.pushRow() / 4;
    if (place === 0) return false;
    const output = this.output;
    for (let c = 0; c < output.length; c++) output[c] = float32[place + c];
    return true;
  }

  copyStateFrom(other: this): void {
    this.#network.leave();
    this.#state.set(other.#state);
    this.output.set(other.output);
  }

  /** Called by the network. */
  saveFrom(place: Uint8Array): void {
    this.#state.set(place);
  }

  /** Called by the network. */
  restoreTo(place: Uint8Array): void {
    place.set(this.#state);
  }
}

/** A network in the kernels' memory: its description and weights, then a place for the state of one stream. */
class Network implements Tenant {
  readonly kernels: Kernels;
  readonly #image: Uint8Array;
  readonly #firstState: Uint8Array;
  #at = 0;
  #stateAt = 0;
  #generation = -1;
  /** View of the place for a state. */
  #place: Uint8Array;
  /** Whose state lies there. */
  #owner: SimdStack | null = null;

  constructor(layers: readonly FrontLayer[], kernels: Kernels) {
    this.kernels = kernels;
    this.#image = imageOf(layers);
    this.#firstState = stateOf(layers);
    this.#place = this.#firstState;
  }

  get bytes(): number {
    return this.#image.length + this.#firstState.length;
  }

  newState(): Uint8Array {
    return this.#firstState.slice();
  }

  /** Puts a stream's state in its place, where it is not there already. */
  enter(stack: SimdStack): void {
    if (this.#owner === stack) return;
    if (this.#generation !== this.kernels.generation) this.#load();
    this.leave();
    stack.restoreTo(this.#place);
    this.#owner = stack;
  }

  leave(): void {
    this.#owner?.saveFrom(this.#place);
    this.#owner = null;
  }

  /** Takes the row at `INPUT`. @returns the byte offset of the new output row; 0 where there is none */
  pushRow(): number {
    return this.kernels.pushRow(this.#at, this.#stateAt, INPUT, WORK, MOST_ROW_BYTES);
  }

  #load(): void {
    const image = this.#image;
    const state = this.#firstState.length;
    this.#at = this.kernels.place(this, image.length + state);
    this.#generation = this.kernels.generation;
    this.#stateAt = this.#at + image.length;
    this.#place = this.kernels.bytes.subarray(this.#stateAt, this.#stateAt + state);
    this.kernels.bytes.set(image, this.#at);
  }
}

function networkOf(layers: readonly FrontLayer[], kernels: Kernels): Network {
  let known = networks.get(kernels);
  if (!known) networks.set(kernels, (known = new WeakMap()));
  let network = known.get(layers);
  if (!network) known.set(layers, (network = new Network(layers, kernels)));
  return network;
}

/** Byte offsets of the layers' histories in a state, and where it ends. */
function historiesOf(layers: readonly FrontLayer[]): {
  readonly at: readonly number[];
  readonly end: number;
} {
  const at: number[] = [];
  let end = aligned(4 * layers.length);
  for (const { taps, inputs } of layers) {
    at.push(end);
    end += aligned(4 * taps * inputs + SPARE);
  }
  return { at, end };
}

/** A state before the first row: what each layer waits for. */
function stateOf(layers: readonly FrontLayer[]): Uint8Array {
  const state = new Uint8Array(historiesOf(layers).end);
  new Int32Array(state.buffer).set(layers.map(({ taps }) => taps));
  return state;
}

/** Descriptions of the layers and their weights, as assembly/layers.ts reads them. */
function imageOf(layers: readonly FrontLayer[]): Uint8Array {
  const histories = historiesOf(layers).at;
  const shortcuts = shortcutsOf(layers);
  const numbers = [layers.length, 0];
  const tables: { readonly at: number; readonly values: Float32Array }[] = [];
  let end = aligned(4 * (LEAD + DESCRIPTION * layers.length));
  const put = (values: Float32Array) => {
    const at = end;
    tables.push({ at, values });
    end += aligned(4 * values.length + SPARE);
    return at;
  };
  for (const [i, layer] of layers.entries()) {
    const { kind, taps, inputs, outputs, stride, relu } = layer;
    const shortcut = shortcuts[i];
    numbers.push(
      kind === 'depthwise' ? 1 : 0,
      stride,
      4 * inputs,
      4 * inputs * taps,
      4 * paddedOutputs(outputs),
      relu ? 1 : 0,
      put(kind === 'conv' ? grouped(layer, GROUPS) : layer.kernel),
      put(layer.bias),
      histories[i],
      shortcut < 0 ? -1 : histories[shortcut] + 4 * layers[shortcut].inputs * (layers[shortcut].taps - 1),
    );
  }
  const image = new Uint8Array(end);
  new Int32Array(image.buffer).set(numbers);
  for (const { at, values } of tables) new Float32Array(image.buffer, at).set(values);
  return image;
}

/** Outputs that are worked on at a time. */
const GROUPS = [16, 8, 4];

function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
