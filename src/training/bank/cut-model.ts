import { WakegateError } from '../../errors.js';
import { EMBEDDING_LAYER } from '../../model/embedding-layer.js';

/** Weights of a layers-model, as its file lists them. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string };
}

interface LayerConfig {
  readonly name: string;
  batch_input_shape?: (number | null)[];
  target_shape?: number[];
}

export interface Topology {
  readonly model_config?: Topology;
  readonly config: { layers: { readonly config: LayerConfig }[]; output_layers: unknown };
}

/**
 * A layers-model up to its embeddings: its topology, a copy that may be changed, and the weights that are left, in their order.
 *
 * @throws WakegateError WG_MODEL_INVALID for one that has no such layer
 */
export function cutAtEmbedding(
  model: { readonly topology: object; readonly weightSpecs: readonly object[]; readonly weights: Uint8Array },
  file: string,
) {
  const topology = structuredClone(model.topology) as Topology;
  const { config } = topology.model_config ?? topology;
  const end = config.layers.findIndex((layer) => layer.config.name === EMBEDDING_LAYER);
  if (end < 0) {
    throw new WakegateError(
      'WG_MODEL_INVALID',
      `${file} has no layer "${EMBEDDING_LAYER}": own keywords need a pack that has one, such as wake-words-en`,
    );
  }
  config.layers = config.layers.slice(0, end + 1);
  config.output_layers = [[EMBEDDING_LAYER, 0, 0]];
  const kept = new Set(config.layers.map((layer) => layer.config.name));
  const specs: WeightSpec[] = [];
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const spec of model.weightSpecs as readonly WeightSpec[]) {
    const bytes = spec.shape.reduce((a, b) => a * b, 1) * (spec.quantization?.dtype === 'float16' ? 2 : 4);
    if (kept.has(spec.name.split('/')[0])) {
      specs.push(spec);
      parts.push(model.weights.subarray(at, at + bytes));
    }
    at += bytes;
  }
  return {
    topology,
    layers: config.layers.map((layer) => layer.config),
    specs,
    weights: Buffer.concat(parts),
  };
}
