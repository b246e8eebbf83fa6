import * as tf from '@tensorflow/tfjs-core';

/** What is used here of tfjs-node's backend, which runs any TensorFlow kernel by name. */
export interface NativeBackend {
  executeSingleOutput(name: string, attributes: object[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: object[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
  readonly binding: Record<
    'TF_ATTR_TYPE' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_FLOAT',
    number
  >;
}

/** tfjs-node's backend, or null where another is in use. */
export function nativeBackend(): NativeBackend | null {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as NativeBackend) : null;
}

/**
 * Has TensorFlow compute the gradient of a ReLU, the same numbers in one pass: TensorFlow.js composes it of five that go over the
 * activations, nearly a tenth of a training step. For the whole process, so for a program to decide, not for a library.
 */
export function useNativeGradients(): void {
  const native = nativeBackend();
  if (native === null) return;
  tf.unregisterGradient('Relu');
  tf.registerGradient({
    kernelName: 'Relu',
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => {
      const { TF_ATTR_TYPE: type, TF_FLOAT: value } = native.binding;
      return {
        x: () => native.executeSingleOutput('ReluGrad', [{ name: 'T', type, value }], [dy as tf.Tensor, x]),
      };
    },
  });
}
