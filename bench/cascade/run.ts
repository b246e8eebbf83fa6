import { Classifier } from '../../src/classifier/index.js';
import type { ModelPack } from '../../src/model/index.js';
import type { Clip } from '../../src/training/corpus/corpus.js';
import { listenToClip } from '../../src/training/evaluation/listen-to-clip.js';

/** Which stages of the cascade are there. The level gate always is: it is no part of the question. */
export interface Setup {
  readonly name: string;
  readonly gate: 'on' | 'off';
  readonly secondLook: 'on' | 'off';
}

export const SETUPS: readonly Setup[] = [
  { name: 'gate and second look', gate: 'on', secondLook: 'on' },
  { name: 'gate alone', gate: 'on', secondLook: 'off' },
  { name: 'second look alone', gate: 'off', secondLook: 'on' },
  { name: 'neither', gate: 'off', secondLook: 'off' },
];

/** What the cascade did with some recordings. */
export interface Tally {
  readonly clips: number;
  readonly hours: number;
  readonly steps: number;
  readonly passed: number;
  readonly handoffs: number;
  readonly bytes: number;
  readonly looks: number;
  readonly detections: number;
  /** Clips with a detection of their own label. */
  readonly heard: number;
  /** CPU time by stage, all threads. */
  readonly cpuMs: Readonly<Record<(typeof STAGES)[number], number>>;
}

const SAMPLES_PER_HOUR = 16_000 * 3600;

/** Runs each clip through a stream of its own. */
export async function tally(
  pack: ModelPack,
  clips: readonly Clip[],
  { gate, secondLook }: Setup,
): Promise<Tally> {
  const classifier = new Classifier({ pack });
  const sum = { samples: 0, steps: 0, passed: 0, handoffs: 0, bytes: 0, looks: 0, detections: 0, heard: 0 };
  const cpuMs = { features: 0, gate: 0, handoff: 0, classifier: 0, secondLook: 0 };
  for (const { samples, label } of clips) {
    const {
      account,
      keywords,
      cpuMs: spent,
    } = await listenToClip(samples, pack, classifier, {
      gate,
      secondLook,
    });
    sum.samples += samples.length;
    sum.steps += account.steps;
    sum.passed += account.passed;
    sum.handoffs += account.handoffs.count;
    sum.bytes += account.handoffs.bytes;
    sum.looks += account.looks.count;
    sum.detections += keywords.length;
    if (keywords.includes(label)) sum.heard++;
    for (const stage of STAGES) cpuMs[stage] += spent[stage];
  }
  await classifier.close();
  const { samples, ...counts } = sum;
  return { ...counts, clips: clips.length, hours: samples / SAMPLES_PER_HOUR, cpuMs };
}

const STAGES = ['features', 'gate', 'handoff', 'classifier', 'secondLook'] as const;
