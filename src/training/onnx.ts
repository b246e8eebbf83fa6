import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The part of onnxruntime-node that is used here. Training alone uses it, and fetches it beside its models. */
export interface OnnxRuntime {
  InferenceSession: { create(path: string, options: object): Promise<OnnxSession> };
  Tensor: {
    new (type: 'float32', data: Float32Array, dims: number[]): OnnxTensor;
    new (type: 'int64', data: BigInt64Array, dims: number[]): OnnxTensor;
  };
}

export interface OnnxTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>>;
  release(): Promise<void>;
}

/** The onnxruntime-node in the node_modules of `folder`. Throws where there is none. */
export async function importOnnxRuntime(folder: string): Promise<OnnxRuntime> {
  const require = createRequire(pathToFileURL(join(folder, 'package.json')));
  return (await import(pathToFileURL(require.resolve('onnxruntime-node')).href)).default as OnnxRuntime;
}
