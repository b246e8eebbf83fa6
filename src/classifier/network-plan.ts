import type { LayersModel } from '../model/index.js';
import { type ModelLayer, readTopology } from './model-topology.js';
import { readModelWeights, type Weight, type Weights, weightOf } from './model-weights.js';

/** [rows, columns, channels]. Between two columns lie `stride` numbers: channels, filled up to a multiple of four. */
export interface PlannedTensor {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly stride: number;
  /** The tensor that it is another shape of: it lies where that does, and has the same rows. */
  readonly sameAs?: number;
}

/** A convolution over rows and columns without padding, with a sum and a ReLU behind it where there are any; its weights apart. */
export interface LayerShape {
  readonly name: string;
  readonly depthwise: boolean;
  /** Indices of tensors. */
  readonly input: number;
  readonly output: number;
  /** Row of the input that the first output begins at. */
  readonly inputRow: number;
  readonly kernelRows: number;
  readonly kernelColumns: number;
  readonly strides: readonly [rows: number, columns: number];
  /** What is added, from which of its rows on. */
  readonly shortcut: { readonly tensor: number; readonly row: number } | null;
  readonly relu: boolean;
}

export interface PlannedLayer extends LayerShape {
  /** [kernelRows, kernelColumns, channels, outputs], or [kernelRows, kernelColumns, channels] where it is depthwise. */
  readonly kernel: Weight;
  readonly bias: Weight;
}

/** A network that the SIMD kernels can run: its first tensor is the input, and a softmax over the channels comes after its last layer. */
export interface NetworkShape {
  readonly tensors: readonly PlannedTensor[];
  readonly layers: readonly LayerShape[];
  /** Tensor of logits. */
  readonly output: number;
}

/** The same with its weights. */
export interface NetworkPlan extends NetworkShape {
  readonly layers: readonly PlannedLayer[];
}

const IN_PLACE: ReadonlySet<string> = new Set(['Add', 'ReLU', 'Reshape', 'Activation', 'Softmax']);

/** Why there is no plan: what the kernels cannot run. */
export class NotPlanned extends Error {}

/** A tensor on its way through the topology: so many rows of a planned one, from some row on. */
interface Value {
  readonly tensor: number;
  readonly row: number;
  readonly rows: number;
}

/**
 * Reads a layers-model of TensorFlow.js as a plan. It knows convolutions, plain and depthwise, without padding or dilation; sums of them with
 * what came before, cropped or not; ReLU; reshapes that keep the rows; and one softmax at the end.
 *
 * @throws NotPlanned for anything else
 */
export function planNetwork(model: LayersModel): NetworkPlan {
  const planner = new Planner(readModelWeights(model));
  const layers = readTopology(model.topology);
  for (const layer of layers) planner.add(layer);
  return planner.plan(layers[layers.length - 1].name);
}

class Planner {
  readonly #weights: Weights;
  readonly #tensors: PlannedTensor[] = [];
  readonly #layers: PlannedLayer[] = [];
  readonly #values = new Map<string, Value>();
  /** Layer whose output a softmax was taken of. */
  #softmax: string | null = null;

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  plan(last: string): NetworkPlan {
    if (this.#softmax !== last) throw new NotPlanned('its last layer is not a softmax');
    return { tensors: this.#tensors, layers: this.#layers, output: this.#values.get(last)!.tensor };
  }

  add(layer: ModelLayer): void {
    if (this.#softmax !== null) throw new NotPlanned(`${layer.name} comes after a softmax`);
    const value = this.#valueOf(layer);
    // A sum, ReLU or reshape takes the place of what it was made from: nothing else may ask for that.
    if (IN_PLACE.has(layer.className)) {
      for (const [name, { tensor }] of this.#values) if (tensor === value.tensor) this.#values.delete(name);
    }
    this.#values.set(layer.name, value);
  }

  #valueOf(layer: ModelLayer): Value {
    const { className, name, config } = layer;
    if (className === 'InputLayer') return this.#input(config.batch_input_shape);
    const [first, ...others] = layer.inputs.map((input) => {
      const value = this.#values.get(input);
      if (!value) throw new NotPlanned(`${name} takes what ${input} was before it was changed`);
      return value;
    });
    if (!first) throw new NotPlanned(`${name} takes no input`);
    if (className === 'Add') return this.#sum(name, [first, ...others]);
    if (others.length > 0) throw new NotPlanned(`${name} takes more than one input`);
    switch (className) {
      case 'Conv2D':
      case 'DepthwiseConv2D':
        return this.#convolution(layer, first);
      case 'Cropping2D':
        return this.#cropped(layer, first);
      case 'ReLU':
        expectConfig(name, config, { max_value: null, negative_slope: 0, threshold: 0 });
        return this.#rectified(name, first);
      case 'Reshape':
        return this.#reshaped(name, first, config.target_shape as number[]);
      case 'Activation':
      case 'Softmax':
        return this.#activated(layer, first);
      default:
        throw new NotPlanned(`${name} is a ${className}`);
    }
  }

  #input(shape: unknown): Value {
    const [, rows, columns, channels] = (Array.isArray(shape) ? shape : []) as number[];
    if (this.#tensors.length > 0 || ![rows, columns, channels].every((axis) => axis > 0))
      throw new NotPlanned('it has not one input of [rows, columns, channels]');
    // One channel lies closely, so that a kernel of several columns takes them in one run.
    return this.#newTensor({ rows, columns, channels, stride: channels === 1 ? 1 : padded(channels) });
  }

  #newTensor(tensor: PlannedTensor): Value {
    return { tensor: this.#tensors.push(tensor) - 1, row: 0, rows: tensor.rows };
  }

  #convolution({ name, className, config }: ModelLayer, input: Value): Value {
    const depthwise = className === 'DepthwiseConv2D';
    expectConfig(name, config, { padding: 'valid', data_format: 'channels_last', depth_multiplier: 1 });
    if (![config.dilation_rate].flat().every((rate) => rate === 1 || rate === undefined || rate === null))
      throw new NotPlanned(`${name} is dilated`);
    const { columns, channels, stride } = this.#tensors[input.tensor];
    const [kernelRows, kernelColumns] = pair(config.kernel_size);
    const strides = pair(config.strides);
    const kernel = this.#weights.get(`${name}/${depthwise ? 'depthwise_kernel' : 'kernel'}`);
    const outputs = depthwise ? channels : (config.filters as number);
    const size = kernelRows * kernelColumns * channels * (depthwise ? 1 : outputs);
    const bias = config.use_bias ? this.#weights.get(`${name}/bias`) : weightOf(new Float32Array(outputs));
    if (kernel?.length !== size || bias?.length !== outputs)
      throw new NotPlanned(`${name} has no weights that fit`);
    if (depthwise && stride % 4 !== 0) throw new NotPlanned(`${name} is depthwise over one channel`);
    const output = this.#newTensor({
      rows: Math.floor((input.rows - kernelRows) / strides[0]) + 1,
      columns: Math.floor((columns - kernelColumns) / strides[1]) + 1,
      channels: outputs,
      stride: padded(outputs),
    });
    if (this.#tensors[output.tensor].rows < 1 || this.#tensors[output.tensor].columns < 1)
      throw new NotPlanned(`${name} has no output`);
    this.#layers.push({
      name,
      depthwise,
      input: input.tensor,
      inputRow: input.row,
      output: output.tensor,
      kernelRows,
      kernelColumns,
      strides,
      kernel,
      bias,
      shortcut: null,
      relu: false,
    });
    const { activation } = config;
    if (activation === 'relu') return this.#rectified(name, output);
    if (activation !== 'linear' && activation !== undefined)
      throw new NotPlanned(`${name} has activation ${activation}`);
    return output;
  }

  /** Only rows, from either end: columns would not lie side by side. */
  #cropped({ name, config }: ModelLayer, input: Value): Value {
    const cropping = config.cropping as readonly (readonly number[])[];
    const [top, bottom] = cropping?.[0] ?? [];
    if (!(top >= 0 && bottom >= 0) || cropping[1]?.some((columns) => columns !== 0))
      throw new NotPlanned(`${name} crops other than rows`);
    return { tensor: input.tensor, row: input.row + top, rows: input.rows - top - bottom };
  }

  /** Of what the newest layer gives, and something that is older. */
  #sum(name: string, values: readonly Value[]): Value {
    const newest = this.#newest();
    const other = values.find(({ tensor }) => tensor !== newest?.output);
    const output = values.find(({ tensor, row }) => tensor === newest?.output && row === 0);
    if (values.length !== 2 || !newest || !output || !other || newest.shortcut || newest.relu)
      throw new NotPlanned(`${name} is no sum of a convolution and something before it`);
    const [to, from] = [this.#tensors[output.tensor], this.#tensors[other.tensor]];
    if (from.stride !== to.stride || from.channels !== to.channels || from.columns !== to.columns)
      throw new NotPlanned(`${name} is a sum of tensors that lie differently`);
    if (other.rows !== to.rows) throw new NotPlanned(`${name} is a sum of tensors of other lengths`);
    this.#replaceNewest({ ...newest, shortcut: { tensor: other.tensor, row: other.row } });
    return output;
  }

  #rectified(name: string, value: Value): Value {
    const newest = this.#newest();
    if (!newest || value.tensor !== newest.output || newest.relu || !this.#isWhole(value))
      throw new NotPlanned(`${name} is no ReLU of a convolution`);
    this.#replaceNewest({ ...newest, relu: true });
    return value;
  }

  /** Columns and channels may change places, since they lie one after another; rows may only lose columns of one. */
  #reshaped(name: string, value: Value, shape: readonly number[]): Value {
    const { rows, columns, channels, stride } = this.#tensors[value.tensor];
    const isDense = stride === channels;
    if (this.#isWhole(value) && isDense && shape.length === 3 && shape[0] === rows) {
      const [, wide, deep] = shape;
      if (wide * deep === columns * channels && deep % 4 === 0 && value.tensor === this.#newest()?.output) {
        return this.#newTensor({
          rows,
          columns: wide,
          channels: deep,
          stride: deep,
          sameAs: value.tensor,
        });
      }
    }
    const left = shape.length === 2 ? [rows, channels] : [channels];
    if (columns === 1 && String(shape) === String(left) && (shape.length === 2 || rows === 1)) return value;
    throw new NotPlanned(`${name} reshapes to [${shape}]`);
  }

  #activated({ name, className, config }: ModelLayer, value: Value): Value {
    const activation = className === 'Softmax' ? 'softmax' : config.activation;
    if (activation === 'relu') return this.#rectified(name, value);
    if (activation !== 'softmax' || ![-1, undefined].includes(config.axis as number | undefined))
      throw new NotPlanned(`${name} is a ${className} of ${activation}`);
    if (value.tensor !== this.#newest()?.output || this.#tensors[value.tensor].columns !== 1)
      throw new NotPlanned(`${name} is a softmax of something else than rows`);
    this.#softmax = name;
    return value;
  }

  #isWhole({ tensor, row, rows }: Value): boolean {
    return row === 0 && rows === this.#tensors[tensor].rows;
  }

  #newest(): PlannedLayer | undefined {
    return this.#layers[this.#layers.length - 1];
  }

  #replaceNewest(layer: PlannedLayer): void {
    this.#layers[this.#layers.length - 1] = layer;
  }
}

export function padded(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

function pair(value: unknown): [number, number] {
  return typeof value === 'number' ? [value, value] : (value as [number, number]);
}

/** What is not there has its default. */
function expectConfig(
  name: string,
  config: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
): void {
  for (const [key, value] of Object.entries(expected)) {
    if (config[key] !== undefined && config[key] !== value)
      throw new NotPlanned(`${name} has ${key} ${config[key]}`);
  }
}
