import { Classifier } from '../src/classifier/index.js';
import { EnergyMeter } from '../src/energy/index.js';
import type { ModelPack } from '../src/model/index.js';
import { Listener } from '../src/pipeline.js';
import { cpuMs, type Line, quietRoom } from './measure.js';
import { speechClips } from './speech-clips.js';

const SPEECH_SHARE = 0.05;
/** As a microphone gives it while there is something to hear: 80 ms. */
const CHUNK = 1280;

/** The whole pipeline against itself with the gate off, on audio that is 95 % quiet and 5 % speech. */
export async function benchGateSaving(pack: ModelPack, minutes: number): Promise<Line[]> {
  const { samples, speech } = await mostlyQuiet(minutes);
  const on = await run(pack, samples, 'on');
  const off = await run(pack, samples, 'off');
  const perSecond = (ms: number) => (ms / (minutes * 60)).toFixed(3);
  const passed = ((100 * on.passed) / on.steps).toFixed(2);
  return [
    {
      name: 'whole pipeline, gate off / gate on',
      value: off.cpuMs / on.cpuMs,
      unit: 'x',
      // Without the gate every window follows another, which our own kernels compute in a fraction of what TensorFlow.js takes: on that, it
      // was 30 times as much.
      bar: { atLeast: 4 },
      detail:
        `${perSecond(off.cpuMs)} / ${perSecond(on.cpuMs)} ms of CPU per second, all threads and waking included; ` +
        `${minutes} min, 95 % quiet room, 5 % ${speech}; ${passed} % of steps passed, ${on.openings} openings`,
    },
  ];
}

async function run(pack: ModelPack, samples: Int16Array, gate: 'on' | 'off') {
  const classifier = new Classifier({ pack });
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const listener = new Listener({ pack, classifier, meter, gate });
  const start = cpuMs();
  for (let at = 0; at < samples.length; at += CHUNK) {
    listener.push(samples.subarray(at, at + CHUNK), at);
    // Live, a handoff is answered before the next one comes, and batches would flatter neither side.
    await listener.settled();
  }
  await listener.finish();
  const spent = cpuMs() - start;
  await classifier.close();
  return { cpuMs: spent, ...listener.account() };
}

/** Quiet, with a stretch of speech now and then: 12 s in every four minutes. */
async function mostlyQuiet(minutes: number): Promise<{ samples: Int16Array; speech: string }> {
  const samples = quietRoom(minutes * 60 * 16_000);
  const { clips, what } = await speechClips(40);
  const period = 240 * 16_000;
  let clip = 0;
  for (let start = period / 4; start + period * SPEECH_SHARE <= samples.length; start += period) {
    for (let at = 0; at < period * SPEECH_SHARE; clip++) {
      const part = clips[clip % clips.length].subarray(0, period * SPEECH_SHARE - at);
      for (let i = 0; i < part.length; i++) samples[start + at + i] += part[i];
      at += part.length;
    }
  }
  return { samples, speech: what };
}
