import type { FrontLayer } from '../model/pack.js';
import type { Kernels } from '../simd/index.js';
import { LayerStack, type Stack } from './layer-stack.js';
import { SimdStack } from './simd-stack.js';

/** A stack of these layers: by SIMD where there is any. */
export function openStack(layers: readonly FrontLayer[], kernels: Kernels | null): Stack {
  return kernels !== null && SimdStack.takes(layers, kernels)
    ? new SimdStack(layers, kernels)
    : new LayerStack(layers);
}
