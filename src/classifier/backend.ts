import { createRequire } from 'node:module';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { WakegateError } from '../errors.js';
import type { TensorFlowName } from './types.js';

/**
 * TensorFlow.js on the backend that was asked for. Imported by the classifier's worker and by training, and by
 * nothing that listens all the time.
 */
export interface Backend {
  readonly name: TensorFlowName;
  readonly tf: typeof TensorFlow;
  readonly layers: typeof Layers;
  /** Why the backends that were tried before this one did not do; empty unless the choice was `auto`. */
  readonly passedOver: readonly string[];
}

// These packages are CommonJS. Importing them from here would first have their 3 MB of source scanned for export
// names, which takes about 25 MB of memory, most of which the process keeps; `require` does not scan.
const require = createRequire(import.meta.url);

/** The package, and the name of the backend that it registers. */
const BACKENDS: Record<TensorFlowName, { readonly module: string; readonly registered: string }> = {
  node: { module: '@tensorflow/tfjs-node', registered: 'tensorflow' },
  wasm: { module: '@tensorflow/tfjs-backend-wasm', registered: 'wasm' },
};

/**
 * Loads TensorFlow.js and its backend: `auto` takes `node` where it loads and computes, else `wasm`.
 *
 * Throws `WG_BACKEND_UNAVAILABLE` with the reason of each that was tried.
 */
export async function openBackend(choice: 'auto' | TensorFlowName): Promise<Backend> {
  const passedOver: string[] = [];
  for (const name of choice === 'auto' ? (['node', 'wasm'] as const) : [choice]) {
    try {
      return { ...(await open(name)), passedOver };
    } catch (error) {
      passedOver.push(`${name}: ${firstLine(error)}`);
    }
  }
  const remedy = choice === 'node' ? 'build it with "npm run tfjs-node", or choose wasm' : 'run npm ci again';
  const reasons = passedOver.join('; ');
  throw new WakegateError(
    'WG_BACKEND_UNAVAILABLE',
    `backend ${choice} cannot be used (${reasons}); ${remedy}`,
  );
}

async function open(name: TensorFlowName): Promise<Omit<Backend, 'passedOver'>> {
  const { module, registered } = BACKENDS[name];
  // Read by libtensorflow itself, once, when it is loaded.
  if (name === 'node') process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  const tf: typeof TensorFlow = require('@tensorflow/tfjs-core');
  // No checks for NaN, no hint on stderr that a faster backend exists.
  tf.enableProdMode();
  const layers: typeof Layers = require('@tensorflow/tfjs-layers');
  if (name === 'node') restoreUtil();
  require(module);
  if (!(await tf.setBackend(registered))) throw new Error(`${module} was loaded but does not start`);
  await tf.ready();
  checkComputes(tf);
  return { name, tf, layers };
}

/** Two functions of node:util that tfjs-node 4.22 calls; Node has them no more from 23 on. */
function restoreUtil(): void {
  const util = require('node:util');
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/** tfjs-node can load and then fail in its first operation: some of Node's functions that it calls are gone. */
function checkComputes(tf: typeof TensorFlow): void {
  const sum = tf.tidy(() => {
    const image = tf.ones([1, 3, 1, 2]) as TensorFlow.Tensor4D;
    const kernel = tf.ones([3, 1, 2, 1]) as TensorFlow.Tensor4D;
    return tf.sum(tf.conv2d(image, kernel, 1, 'valid')).dataSync()[0];
  });
  if (sum !== 6) throw new Error(`a convolution that gives 6 gave ${sum}`);
}

function firstLine(error: unknown): string {
  const text =
    error instanceof Error ? error.message : String((error as { message?: string })?.message ?? error);
  return text.split('\n', 1)[0];
}
