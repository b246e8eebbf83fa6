import { type Extractor, Mfcc } from '../../src/features/index.js';
import { SimdMfcc } from '../../src/features/simd-mfcc.js';
import { LayerStack, type Stack } from '../../src/gate/layer-stack.js';
import { SimdStack } from '../../src/gate/simd-stack.js';
import type { FrontLayer, ModelPack } from '../../src/model/index.js';
import type { Kernels } from '../../src/simd/index.js';
import { cpuMs, type Line, quietRoom } from '../measure.js';

const SECONDS = 60;
const TURNS = 9;

/** Each stage of the always-on path alone, plain and by SIMD in turns: the least CPU time of either. */
export function benchStages(pack: ModelPack, kernels: Kernels): Line[] {
  const { features, front, gate } = pack;
  const { hopSamples, windowSamples, coefficients, sampleRate } = features;
  const samples = quietRoom(SECONDS * sampleRate + windowSamples);
  const hops = (SECONDS * sampleRate) / hopSamples;
  const frames = new Float32Array(hops * coefficients);
  const extract = (extractor: Extractor) => () => {
    for (let hop = 0; hop < hops; hop++)
      extractor.compute(samples, hop * hopSamples, frames, hop * coefficients);
  };
  const activations = Float32Array.from(
    { length: (hops / 2) * gate.head[0].inputs },
    (_, i) => (i * 7919) % 13,
  );
  const feed = (stack: Stack, layers: readonly FrontLayer[], rows: Float32Array) => () => {
    for (let at = 0; at < rows.length; at += layers[0].inputs) stack.push(rows, at);
  };
  const stacks = (layers: readonly FrontLayer[], rows: Float32Array) =>
    [feed(new LayerStack(layers), layers, rows), feed(new SimdStack(layers, kernels), layers, rows)] as const;
  return [
    line('MFCC', [extract(new Mfcc(features)), extract(new SimdMfcc(features, kernels))], 1.8),
    line('front half', stacks(front, frames), 3),
    line('gate head', stacks(gate.head, activations), 2.5),
  ];
}

function line(name: string, [plain, simd]: readonly [() => void, () => void], atLeast: number): Line {
  let plainMs = Number.POSITIVE_INFINITY;
  let simdMs = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn <= TURNS; turn++) {
    const times = [plain, simd].map((work) => {
      const start = cpuMs();
      work();
      return (cpuMs() - start) / SECONDS;
    });
    // What the compilers do at first counts for neither.
    if (turn === 0) continue;
    plainMs = Math.min(plainMs, times[0]);
    simdMs = Math.min(simdMs, times[1]);
  }
  return {
    name: `${name}: plain / SIMD`,
    value: plainMs / simdMs,
    unit: 'x',
    bar: { atLeast },
    detail: `${plainMs.toFixed(3)} / ${simdMs.toFixed(3)} ms of CPU per second of audio`,
  };
}
