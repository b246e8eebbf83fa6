import assert from 'node:assert/strict';
import { openBackend } from '../src/classifier/index.js';
import type { ModelPack } from '../src/model/index.js';
import { IncrementalBack } from './incremental-back.js';
import { type Line, medianCpuMs } from './measure.js';

const HOPS = 100;

/**
 * Whole windows against increments, for a classifier that is always on: the share of a window's cost that the cheapest
 * always-on version pays, which the energy account quotes its savings by.
 */
export async function benchAlwaysOn(pack: ModelPack): Promise<Line[]> {
  const { tf, layers } = await openBackend('wasm');
  const { topology, weightSpecs, weights } = pack.back;
  const model = await layers.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: topology,
      weightSpecs: weightSpecs as never,
      weightData: Uint8Array.from(weights).buffer,
    }),
  );
  const { windowSteps, hopSteps } = pack.handoff;
  const { channels, levelStep } = pack.compression;
  const steps = windowSteps + HOPS * hopSteps;
  let state = 1;
  const activations = Float32Array.from({ length: steps * channels }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    return state % 100 < 85 ? 0 : levelStep * (1 + (state % 5));
  });
  const rows = (from: number, count: number) =>
    tf.tensor4d(activations.subarray(from * channels, (from + count) * channels), [1, count, 1, channels]);

  const window = (from: number) =>
    tf.tidy(() => (model.predict(rows(from, windowSteps)) as ReturnType<typeof tf.zeros>).dataSync());
  const incremental = () => {
    const back = new IncrementalBack(tf, model);
    const posteriors: Float32Array[] = [];
    for (let from = 0; from + hopSteps <= steps; from += hopSteps) {
      const input = rows(from, hopSteps);
      const output = back.push(input);
      if (output) posteriors.push(output.dataSync() as Float32Array);
      tf.dispose([input, ...(output ? [output] : [])]);
    }
    return posteriors;
  };
  const newest = incremental().at(-1)!;
  const whole = window(steps - windowSteps);
  for (const [i, value] of whole.entries())
    assert.ok(Math.abs(newest[i] - value) < 1e-3, 'increments give the same posteriors');

  const windowMs =
    medianCpuMs(() => {
      for (let hop = 0; hop < HOPS; hop++) window(hop * hopSteps);
    }, 3) / HOPS;
  const incrementMs = medianCpuMs(incremental, 3) / (steps / hopSteps);
  return [
    {
      name: 'classifier, one handoff: increment / whole window',
      value: incrementMs / windowMs,
      unit: 'x',
      detail: `${incrementMs.toFixed(2)} / ${windowMs.toFixed(2)} ms, the same posteriors; WebAssembly, one thread`,
    },
  ];
}
