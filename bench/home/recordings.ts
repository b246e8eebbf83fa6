import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AudioChunk, readAudioFile } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import { CLASSIFIER_CAPACITY, detectAudio } from '../../src/detect-audio.js';
import { readPack, resolvePack } from '../../src/model/index.js';
import { inQuiet } from '../daemon/words.js';

/** A recording of somebody who says a word, and the first that is heard in it when it is listened to by itself. */
export interface Recording {
  /** At 16 kHz, with quiet before and after. */
  readonly samples: Int16Array;
  readonly heard: string | null;
}

const CORPUS = 'audio/dev/picovoice';

/** So many recordings of words, where they are; none where they are not. */
export async function recordings(count: number): Promise<Recording[]> {
  const folder = join(process.env.WAKEGATE_DATA ?? '../shared/data', CORPUS);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.opus'))
    .sort();
  const pack = await readPack(await resolvePack('wake-words-en'));
  const classifier = new Classifier({ pack, capacity: 4 * CLASSIFIER_CAPACITY });
  const found: Recording[] = [];
  for (let n = 0; n < count; n++) {
    const file = join(folder, files[Math.floor((n * files.length) / count)]);
    const samples = inQuiet({ keyword: '', samples: await readAudioFile(file) }, 1, 2);
    const { detections } = await detectAudio(file, chunksOf(samples), { pack, classifier });
    found.push({ samples, heard: detections[0]?.keyword ?? null });
  }
  await classifier.close();
  return found;
}

async function* chunksOf(samples: Int16Array): AsyncGenerator<AudioChunk> {
  for (let at = 0; at < samples.length; at += 1280) {
    yield { samples: samples.subarray(at, at + 1280), startSample: at };
  }
}
