import type { AudioChunk } from '../../src/audio/index.js';
import { readAudioFile, writeWav } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import { CLASSIFIER_CAPACITY, detectAudio } from '../../src/detect-audio.js';
import type { ModelPack } from '../../src/model/index.js';
import type { FileReport } from '../../src/protocol/index.js';
import { SAMPLE_FILE } from '../paths.js';

export type Detections = FileReport['detections'];

/** Audio with words in it, and what is heard in it when it is listened to by itself. */
export interface Clip {
  /** At 16 kHz; ends with silence, so that all is reported while it lasts. */
  readonly samples: Int16Array;
  readonly wav: Uint8Array;
  readonly detections: Detections;
}

const RATE = 16_000;
const SILENCE_AT_END = 1.5;

/**
 * Clips of the bundled sample, each from another place in it on.
 *
 * @throws Error where nothing is detected in any of them, and so nothing could be compared
 */
export async function clipsOf(pack: ModelPack, count: number, seconds: number): Promise<Clip[]> {
  const words = await readAudioFile(SAMPLE_FILE);
  const classifier = new Classifier({ pack, capacity: 4 * CLASSIFIER_CAPACITY });
  const clips: Clip[] = [];
  for (let n = 0; n < count; n++) {
    const samples = new Int16Array(seconds * RATE);
    const from = Math.floor((n * words.length) / count);
    for (let i = 0; i < samples.length - SILENCE_AT_END * RATE; i++) {
      samples[i] = words[(from + i) % words.length];
    }
    const { detections } = await detectAudio('clip', chunksOf(samples), { pack, classifier });
    clips.push({ samples, wav: writeWav(samples, RATE), detections });
  }
  await classifier.close();
  if (clips.every(({ detections }) => detections.length === 0))
    throw new Error('there is nothing to compare');
  return clips;
}

async function* chunksOf(samples: Int16Array): AsyncGenerator<AudioChunk> {
  for (let at = 0; at < samples.length; at += 1280) {
    yield { samples: samples.subarray(at, at + 1280), startSample: at };
  }
}

export function isSame(a: Detections, b: Detections): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
