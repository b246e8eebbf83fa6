import { SAMPLE_RATE } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import { EnergyMeter } from '../../src/energy/index.js';
import type { ModelPack } from '../../src/model/index.js';
import { type Detection, Listener } from '../../src/pipeline.js';
import { hear } from '../../src/spotter/hear.js';
import type { SpokenWord } from './household.js';

/** A detection counts for a word that ended at most so long before. */
const LATE_SAMPLES = 1.2 * SAMPLE_RATE;

export interface Heard {
  readonly words: number;
  /** Words for which the gate was shut all along. */
  readonly stopped: number;
  /** Words that were not detected. */
  readonly missed: number;
  /** Detections of what was not said. */
  readonly falseAccepts: number;
  readonly seconds: number;
  /** Share of all steps that the gate stopped. */
  readonly stopRate: number;
}

/** Listens to a recording as the daemon would, second look and all. */
export async function hearWords(
  pack: ModelPack,
  samples: Int16Array,
  spoken: readonly SpokenWord[],
): Promise<Heard> {
  const classifier = new Classifier({ pack });
  const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
  const listener = new Listener({ pack, classifier, meter });
  const detections: Detection[] = [];
  const openings: { from: number; to: number }[] = [];
  listener.on('detection', (detection) => detections.push(detection));
  listener.on('gate', ({ open, sample }) => {
    if (open) openings.push({ from: sample, to: samples.length });
    else openings.at(-1)!.to = sample;
  });
  await hear(listener, pieces(samples), () => false);
  await classifier.close();
  const { steps, passed } = listener.account();

  const isOf = (word: SpokenWord) => (detection: Detection) =>
    detection.keyword === word.keyword &&
    detection.sample > word.start &&
    detection.sample < word.end + LATE_SAMPLES;
  const isFor =
    (word: SpokenWord) =>
    ({ from, to }: { from: number; to: number }) =>
      from < word.end + 0.2 * SAMPLE_RATE && to > word.start;
  return {
    words: spoken.length,
    stopped: spoken.filter((word) => !openings.some(isFor(word))).length,
    missed: spoken.filter((word) => !detections.some(isOf(word))).length,
    falseAccepts: detections.filter((detection) => !spoken.some((word) => isOf(word)(detection))).length,
    seconds: samples.length / SAMPLE_RATE,
    stopRate: 1 - passed / steps,
  };
}

async function* pieces(samples: Int16Array) {
  for (let at = 0; at < samples.length; at += SAMPLE_RATE) {
    yield { samples: samples.subarray(at, at + SAMPLE_RATE), startSample: at };
  }
}
