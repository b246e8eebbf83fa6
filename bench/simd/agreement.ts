import { join } from 'node:path';
import { readAudioFile } from '../../src/audio/index.js';
import { openBackend } from '../../src/classifier/index.js';
import { FrameStream, Mfcc } from '../../src/features/index.js';
import { SimdMfcc } from '../../src/features/simd-mfcc.js';
import { GatedFront } from '../../src/gate/gated-front.js';
import type { ModelPack } from '../../src/model/index.js';
import type { Kernels } from '../../src/simd/index.js';
import { dataDirectory } from '../../src/training/corpus/corpus.js';
import { readManifest } from '../../src/training/corpus/manifest.js';
import type { Line } from '../measure.js';

/**
 * Whether both paths decide alike on the dev recordings: levels, gate scores, gate decisions, and the posteriors of all windows that would be
 * handed over. The classifier is a pure function of a window, so that only windows that differ are given to it.
 */
export async function benchAgreement(pack: ModelPack, kernels: Kernels, every: number): Promise<Line[]> {
  const { features, handoff, compression } = pack;
  const files = (await readManifest(join(dataDirectory(), 'manifest.csv')))
    .filter(({ split }) => split === 'dev')
    .filter((_, i) => i % every === 0);
  const classify = await openBack(pack);
  const extractors = [new Mfcc(features), new SimdMfcc(features, kernels)];
  const windows = extractors.map(() => new Uint8Array(handoff.windowSteps * compression.channels));
  let steps = 0;
  let differingLevels = 0;
  let farthest = 0;
  let decisions = 0;
  let windowsSeen = 0;
  let differingWindows = 0;
  let farthestPosterior = 0;
  for (const { file } of files) {
    const samples = await readAudioFile(file);
    const frames = extractors.map((extractor) => {
      const stream = new FrameStream(features, null, extractor);
      const all = new Float32Array(stream.framesFor(samples.length) * features.coefficients);
      stream.push(samples, 0, all);
      return all;
    });
    const fronts = [new GatedFront(pack, null), new GatedFront(pack, kernels)];
    for (let at = 0; at < frames[0].length; at += features.coefficients) {
      if (!fronts.map((front, i) => front.push(frames[i], at))[0]) continue;
      const [plain, simd] = fronts;
      steps++;
      farthest = Math.max(farthest, Math.abs(plain.score - simd.score));
      if (plain.open !== simd.open) decisions++;
      for (const [i, front] of fronts.entries()) front.copyWindow(windows[i]);
      const [a, b] = windows;
      for (let i = a.length - compression.channels; i < a.length; i++) if (a[i] !== b[i]) differingLevels++;
      if ((!plain.open && !simd.open) || plain.step % handoff.hopSteps !== 0) continue;
      windowsSeen++;
      if (Buffer.compare(a, b) === 0) continue;
      differingWindows++;
      const [x, y] = windows.map(classify);
      for (const [i, value] of x.entries())
        farthestPosterior = Math.max(farthestPosterior, Math.abs(value - y[i]));
    }
  }
  const what = `${files.length} dev recordings, ${((steps * 0.04) / 3600).toFixed(1)} h`;
  return [
    {
      name: 'gate scores: farthest apart',
      value: farthest * 1e6,
      unit: 'millionths',
      bar: { atMost: 1000 },
      detail: `${steps} steps; ${what}`,
    },
    {
      name: 'gate decisions that differ',
      value: decisions,
      unit: 'steps',
      bar: { atMost: 0 },
      detail: `of ${steps}`,
    },
    {
      name: 'compressed levels that differ',
      value: (differingLevels / (steps * compression.channels)) * 1e6,
      unit: 'per million',
      bar: { atMost: 20 },
      detail: `${differingLevels} of ${steps * compression.channels}`,
    },
    {
      name: 'posteriors: farthest apart',
      value: farthestPosterior * 1e6,
      unit: 'millionths',
      bar: { atMost: 1000 },
      detail: `${differingWindows} of ${windowsSeen} windows differ in a level`,
    },
  ];
}

/** @returns what the classifier makes of a window of levels */
async function openBack({ back, handoff, compression }: ModelPack) {
  const { tf, layers } = await openBackend('wasm');
  const model = await layers.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: back.topology,
      weightSpecs: back.weightSpecs as never,
      weightData: Uint8Array.from(back.weights).buffer,
    }),
  );
  return (levels: Uint8Array) =>
    tf.tidy(() => {
      const input = tf.tensor4d(
        Float32Array.from(levels, (level) => level * compression.levelStep),
        [1, handoff.windowSteps, 1, compression.channels],
      );
      return (model.predict(input) as ReturnType<typeof tf.zeros>).dataSync();
    });
}
