import MeydaModule from 'meyda';
import { type Extractor, FrameStream, openExtractor } from '../src/features/index.js';
import { GatedFront } from '../src/gate/gated-front.js';
import type { ModelPack } from '../src/model/index.js';
import { type Line, medianCpuMs, quietRoom } from './measure.js';

const SECONDS = 60;

interface MeydaCopy {
  extract(feature: 'mfcc', frame: Float32Array): number[];
}

/** The always-on path against Meyda's MFCC with the same settings, which is what it would replace. */
export function benchFeatures(pack: ModelPack): Line[] {
  const { features } = pack;
  const samples = quietRoom(SECONDS * features.sampleRate);
  const perSecond = (ms: number) => ms / SECONDS;

  const oracle = meyda(pack);
  const framesOf = (visit: (at: number) => void) => {
    for (let at = 0; at + features.windowSamples <= samples.length; at += features.hopSamples) visit(at);
  };
  const asFloat = Float32Array.from(samples);
  const meydaMs = perSecond(
    medianCpuMs(
      () => framesOf((at) => oracle.extract('mfcc', asFloat.subarray(at, at + features.windowSamples))),
      3,
    ),
  );

  const mfcc = openExtractor('fast', features);
  const row = new Float32Array(features.coefficients);
  const mfccMs = perSecond(medianCpuMs(() => framesOf((at) => mfcc.compute(samples, at, row, 0))));

  const frames = new FrameStream(features, null, mfcc);
  const front = new GatedFront(pack);
  const block = new Float32Array(25 * features.coefficients);
  let opened = 0;
  const listen = () => {
    for (let at = 0; at < samples.length; at += frames.taken) {
      const count = frames.push(samples, at, block);
      for (let frame = 0; frame < count; frame++) {
        if (front.push(block, frame * features.coefficients) && front.open) opened++;
      }
    }
  };
  const listenMs = perSecond(medianCpuMs(listen));

  return [
    {
      name: "features: Meyda's mfcc / ours",
      value: meydaMs / mfccMs,
      unit: 'x',
      bar: { atLeast: 8 },
      detail: `${meydaMs.toFixed(2)} / ${mfccMs.toFixed(3)} ms of CPU per second of audio`,
    },
    {
      name: 'features: garbage per frame',
      value: garbagePerFrame(mfcc, pack, samples),
      unit: 'bytes',
      bar: { atMost: 0.1 },
      detail: 'growth of the heap from 10^5 to 3 x 10^5 frames; the smallest object takes 12',
    },
    {
      name: "features + gate, gate shut / Meyda's mfcc",
      value: listenMs / meydaMs,
      unit: 'x',
      bar: { atMost: 0.23 },
      detail: `${listenMs.toFixed(3)} ms per second of quiet room; steps passed: ${opened}`,
    },
    {
      name: 'front half and gate head',
      value: front.macsPerStep,
      unit: 'MACs/step',
      bar: { atMost: 20_000 },
      detail: 'a step is 40 ms',
    },
  ];
}

/** Growth of the heap from one to three times 10^5 frames, the least of several: what is no frame's doing cancels out. */
function garbagePerFrame(mfcc: Extractor, pack: ModelPack, samples: Int16Array): number {
  const collect = globalThis.gc;
  if (!collect) throw new Error('run with --expose-gc');
  const { hopSamples, coefficients } = pack.features;
  const row = new Float32Array(coefficients);
  const run = (frames: number) => {
    for (let frame = 0; frame < frames; frame++) mfcc.compute(samples, (frame % 40) * hopSamples, row, 0);
  };
  const growth = (frames: number) => {
    const growths = Array.from({ length: 6 }, () => {
      collect();
      const before = process.memoryUsage().heapUsed;
      run(frames);
      return process.memoryUsage().heapUsed - before;
    });
    return Math.min(...growths);
  };
  run(50_000);
  return Math.max(0, growth(300_000) - growth(100_000)) / 200_000;
}

function meyda({ features }: ModelPack): MeydaCopy {
  const original = (MeydaModule as unknown as { default?: object }).default ?? MeydaModule;
  return Object.assign({}, original, {
    sampleRate: features.sampleRate,
    bufferSize: features.windowSamples,
    melBands: features.melBands,
    numberOfMFCCCoefficients: features.coefficients,
  }) as unknown as MeydaCopy;
}
