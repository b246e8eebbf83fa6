import type { Classifier } from '../classifier/index.js';
import { EnergyMeter } from '../energy/index.js';
import type { ModelPack } from '../model/index.js';
import { Listener, type ListenerAccount } from '../pipeline.js';

export interface HeardInClip {
  /** Of every detection, in order. */
  readonly keywords: readonly string[];
  readonly account: ListenerAccount;
}

const CHUNK = 8000;

/** Runs a clip through a stream of its own, as fast as it goes. */
export async function listenToClip(
  samples: Int16Array,
  pack: ModelPack,
  classifier: Classifier,
  levelGate: 'on' | 'off' = 'on',
): Promise<HeardInClip> {
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const listener = new Listener({ pack, classifier, meter, levelGate });
  const keywords: string[] = [];
  listener.on('detection', ({ keyword }) => keywords.push(keyword));
  for (let at = 0; at < samples.length; at += CHUNK) {
    await listener.ready();
    listener.push(samples.subarray(at, at + CHUNK), at);
  }
  await listener.finish();
  return { keywords, account: listener.account() };
}
