import type { Classifier } from '../../classifier/index.js';
import { EnergyMeter } from '../../energy/index.js';
import type { ModelPack } from '../../model/index.js';
import {
  type Detection,
  Listener,
  type ListenerAccount,
  type ListenerEvents,
  type ListenerOptions,
} from '../../pipeline.js';

/** Smoothed posteriors of all keywords, in the pack's order, at the position that ends with a sample. */
export interface ScoresAt {
  readonly sample: number;
  readonly scores: Float32Array;
}

export interface HeardInClip {
  /** The keyword of every detection, in order. */
  readonly keywords: readonly string[];
  readonly detections: readonly Pick<Detection, 'keyword' | 'sample' | 'score'>[];
  /** Every second look, in order. */
  readonly looks: readonly ListenerEvents['secondLook'][0][];
  /** Every position that the classifier scored: the gate was open there. */
  readonly positions: readonly ScoresAt[];
  readonly account: ListenerAccount;
  readonly cpuMs: Readonly<Record<'features' | 'gate' | 'handoff' | 'classifier' | 'secondLook', number>>;
}

const CHUNK = 8000;

/**
 * Runs a clip through a stream of its own, as fast as possible.
 *
 * @throws WakegateError WG_CLASSIFIER_FAILED and other faults of the classifier
 */
export async function listenToClip(
  samples: Int16Array,
  pack: ModelPack,
  classifier: Classifier,
  stages: Pick<ListenerOptions, 'gate' | 'levelGate' | 'secondLook'> = {},
): Promise<HeardInClip> {
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const listener = new Listener({ pack, classifier, meter, ...stages });
  const detections: Detection[] = [];
  const positions: ScoresAt[] = [];
  const looks: ListenerEvents['secondLook'][0][] = [];
  const faults: Error[] = [];
  listener.on('detection', (detection) => detections.push(detection));
  listener.on('secondLook', (look) => looks.push(look));
  listener.on('position', ({ sample, scores }) => positions.push({ sample, scores: scores.slice() }));
  listener.on('fault', (fault) => faults.push(fault));
  for (let at = 0; at < samples.length; at += CHUNK) {
    await listener.ready();
    listener.push(samples.subarray(at, at + CHUNK), at);
  }
  await listener.finish();
  if (faults.length > 0) throw faults[0];
  const { stages: spent } = meter.snapshot();
  return {
    keywords: detections.map(({ keyword }) => keyword),
    detections,
    looks,
    positions,
    account: listener.account(),
    cpuMs: {
      features: spent.features.cpuMs,
      gate: spent.gate.cpuMs,
      handoff: spent.handoff.cpuMs,
      classifier: spent.classifier.cpuMs,
      secondLook: spent.secondLook.cpuMs,
    },
  };
}
