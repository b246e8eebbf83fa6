import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Loads what an engine consists of from where it is installed, which is not where this program is.
 *
 * @param folder with a package.json
 * @throws where it is not installed
 */
export function packagesOf(folder: string): NodeJS.Require {
  return createRequire(join(folder, 'package.json'));
}

/** What is used here of onnxruntime-node, whose types are not installed with the rest. */
export interface Ort {
  readonly InferenceSession: { create(path: string, options: object): Promise<OrtSession> };
  readonly Tensor: new (
    type: 'float32' | 'int64',
    data: Float32Array | BigInt64Array,
    shape: readonly number[],
  ) => OrtTensor;
}

export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(inputs: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
}

export interface OrtTensor {
  readonly data: Float32Array;
}

/** One thread, as everything here has. */
export const ORT_OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' };
