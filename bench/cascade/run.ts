import { Classifier } from '../../src/classifier/index.js';
import { EnergyMeter } from '../../src/energy/index.js';
import type { ModelPack } from '../../src/model/index.js';
import { Listener } from '../../src/pipeline.js';
import type { Clip } from '../../src/training/corpus/corpus.js';

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
  readonly cpuMs: Readonly<Record<'features' | 'gate' | 'handoff' | 'classifier' | 'secondLook', number>>;
}

const CHUNK = 8000;
const SAMPLES_PER_HOUR = 16_000 * 3600;

/** Runs each clip through a stream of its own. */
export async function tally(pack: ModelPack, clips: readonly Clip[], setup: Setup): Promise<Tally> {
  const classifier = new Classifier({ pack, backend: 'wasm' });
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const sum = { samples: 0, steps: 0, passed: 0, handoffs: 0, bytes: 0, looks: 0, detections: 0, heard: 0 };
  const { gate, secondLook } = setup;
  for (const { samples, label } of clips) {
    const listener = new Listener({ pack, classifier, meter, gate, secondLook });
    let isHeard = false;
    let fault: Error | undefined;
    listener.on('detection', ({ keyword }) => {
      sum.detections++;
      isHeard ||= keyword === label;
    });
    listener.on('fault', (error) => {
      fault = error;
    });
    for (let at = 0; at < samples.length; at += CHUNK) {
      await listener.ready();
      listener.push(samples.subarray(at, at + CHUNK), at);
    }
    await listener.finish();
    if (fault) throw fault;
    const { steps, passed, handoffs, looks } = listener.account();
    sum.samples += samples.length;
    sum.steps += steps;
    sum.passed += passed;
    sum.handoffs += handoffs.count;
    sum.bytes += handoffs.bytes;
    sum.looks += looks.count;
    if (isHeard) sum.heard++;
  }
  await classifier.close();
  const { samples, ...counts } = sum;
  const { stages } = meter.snapshot();
  return {
    ...counts,
    clips: clips.length,
    hours: samples / SAMPLES_PER_HOUR,
    cpuMs: {
      features: stages.features.cpuMs,
      gate: stages.gate.cpuMs,
      handoff: stages.handoff.cpuMs,
      classifier: stages.classifier.cpuMs,
      secondLook: stages.secondLook.cpuMs,
    },
  };
}
