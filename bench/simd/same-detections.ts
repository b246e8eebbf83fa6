import { join } from 'node:path';
import { readAudioFile } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import type { ModelPack } from '../../src/model/index.js';
import { Listener, type ListenerAccount } from '../../src/pipeline.js';
import { dataDirectory } from '../../src/training/corpus/corpus.js';
import { readManifest } from '../../src/training/corpus/manifest.js';
import type { Line } from '../measure.js';

const CHUNK = 1280;
const BACKENDS = ['simd', 'wasm'] as const;

interface Heard {
  readonly detections: readonly { readonly what: string; readonly score: number }[];
  readonly account: ListenerAccount;
}

/** Holds what is detected with our own kernels against what is detected with TensorFlow.js, second looks included. */
export async function benchSameDetections(pack: ModelPack, every: number): Promise<Line[]> {
  const files = (await readManifest(join(dataDirectory(), 'manifest.csv')))
    .filter(({ split }) => split === 'dev')
    .filter((_, i) => i % every === 0);
  const classifiers = BACKENDS.map((backend) => new Classifier({ pack, backend, idleMs: 3_600_000 }));
  let detections = 0;
  let differing = 0;
  let handoffs = 0;
  let looks = 0;
  let otherLooks = 0;
  let farthest = 0;
  let seconds = 0;
  const compare = (one: number, other: number) => {
    farthest = Math.max(farthest, Math.abs(one - other));
  };
  for (const { file } of files) {
    const samples = await readAudioFile(file);
    seconds += samples.length / 16_000;
    const heard: Heard[] = [];
    for (const classifier of classifiers) heard.push(await listen(pack, classifier, samples));
    const [simd, wasm] = heard;
    detections += wasm.detections.length;
    handoffs += wasm.account.handoffs.count;
    looks += wasm.account.looks.count;
    otherLooks += Math.abs(wasm.account.looks.count - simd.account.looks.count);
    for (const { what, score } of wasm.detections) {
      const same = simd.detections.find((each) => each.what === what);
      if (same) compare(score, same.score);
      else differing++;
    }
    differing += simd.detections.filter(
      ({ what }) => !wasm.detections.some((each) => each.what === what),
    ).length;
    for (const scores of ['scores', 'joinedScores'] as const) {
      for (const [keyword, score] of Object.entries(wasm.account[scores] ?? {}))
        compare(score, simd.account[scores]![keyword]);
    }
  }
  await Promise.all(classifiers.map((classifier) => classifier.close()));
  return [
    {
      name: 'detections that differ from those of TensorFlow.js',
      value: differing,
      unit: 'detections',
      bar: { atMost: 0 },
      detail: `of ${detections}; ${files.length} dev recordings, ${(seconds / 3600).toFixed(1)} h, ${handoffs} handoffs`,
    },
    {
      name: 'scores: farthest from those of TensorFlow.js',
      value: farthest * 1e6,
      unit: 'millionths',
      bar: { atMost: 1000 },
      detail: `of detections, and the highest of each keyword in each recording; ${looks} second looks, ${otherLooks} more or fewer`,
    },
  ];
}

async function listen(pack: ModelPack, classifier: Classifier, samples: Int16Array): Promise<Heard> {
  const listener = new Listener({ pack, classifier });
  const detections: { what: string; score: number }[] = [];
  listener.on('detection', ({ keyword, sample, score }) =>
    detections.push({ what: `${keyword} ${sample}`, score }),
  );
  for (let at = 0; at < samples.length; at += CHUNK) {
    listener.push(samples.subarray(at, at + CHUNK), at);
    await listener.ready();
  }
  await listener.finish();
  return { detections, account: listener.account() };
}
