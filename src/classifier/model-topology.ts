/** One layer of a layers-model, as far as its running without TensorFlow.js asks. */
export interface ModelLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers before it. */
  readonly inputs: readonly string[];
}

interface WrittenLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly inbound_nodes?: readonly (readonly (readonly [name: string, ...rest: unknown[]])[])[];
}

/** The layers of a topology as Keras and TensorFlow.js write it, each after those that it takes its input from. */
export function readTopology(topology: object): ModelLayer[] {
  const { model_config, ...bare } = topology as { model_config?: object };
  const { class_name, config } = (model_config ?? bare) as { class_name: string; config: unknown };
  return class_name === 'Sequential' ? sequential(config) : graph(config);
}

/** Each layer takes what the one before it gives; the first says what it is given itself. */
function sequential(config: unknown): ModelLayer[] {
  const written = (Array.isArray(config) ? config : (config as { layers: unknown }).layers) as WrittenLayer[];
  const layers: ModelLayer[] = [];
  for (const { class_name, config } of written) {
    if (layers.length === 0 && class_name !== 'InputLayer') {
      const { batch_input_shape } = config;
      layers.push({ className: 'InputLayer', name: '', config: { batch_input_shape }, inputs: [] });
    }
    const inputs = layers.length > 0 ? [layers[layers.length - 1].name] : [];
    layers.push({ className: class_name, name: config.name, config, inputs });
  }
  return layers;
}

function graph(config: unknown): ModelLayer[] {
  const { layers } = config as { layers: readonly WrittenLayer[] };
  return layers.map(({ class_name, config, inbound_nodes }) => ({
    className: class_name,
    name: config.name,
    config,
    inputs: (inbound_nodes?.[0] ?? []).map(([name]) => name),
  }));
}
