import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readAudioFile } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import { readHandoffHeader } from '../../src/gate/handoff.js';
import { type ModelPack, readPack, resolvePack } from '../../src/model/index.js';
import { type Detection, Listener } from '../../src/pipeline.js';
import { bundledWords, inQuiet, spoken, type Word } from '../daemon/words.js';

/** What a satellite hands over of some sound, and what one machine by itself detects in it. */
export interface HandoffStream {
  readonly handoffs: readonly {
    readonly atMs: number;
    readonly message: Uint8Array;
    readonly endSample: number;
  }[];
  readonly detections: readonly Pick<Detection, 'keyword' | 'score' | 'sample'>[];
  /** When its word is over; null for other sound. */
  readonly endMs: number | null;
  readonly lengthMs: number;
}

const STEP_SAMPLES = 640;

export async function fleetPack(): Promise<ModelPack> {
  return readPack(await resolvePack('wake-words-en'));
}

/** Real recordings where they are, else the synthesized ones of the bundled sample. */
export async function fleetWords(most: number): Promise<Word[]> {
  const folder = join(process.env.WAKEGATE_DATA ?? '../shared/data', 'audio/dev/picovoice');
  if (!existsSync(folder)) return bundledWords();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.opus'))
    .sort();
  const chosen = Array.from({ length: Math.min(most, files.length) }, (_, n) => {
    return files[Math.floor((n * files.length) / Math.min(most, files.length))];
  });
  return Promise.all(
    chosen.map(async (file) => {
      const samples = await readAudioFile(join(folder, file));
      const [first, end] = spoken(samples);
      return { keyword: file.split('/')[0], samples: samples.slice(Math.max(0, first - 1600), end) };
    }),
  );
}

/** Words that one machine hears, each in quiet. */
export async function wordStreams(pack: ModelPack, most: number): Promise<HandoffStream[]> {
  const classifier = new Classifier({ pack });
  const streams: HandoffStream[] = [];
  for (const word of await fleetWords(most)) {
    const sound = inQuiet(word, 2.5, 1.5);
    const stream = await record(pack, classifier, sound, 2500 + word.samples.length / 16);
    if (stream.detections.length === 1) streams.push(stream);
  }
  await classifier.close();
  return streams;
}

/** @param endMs when the word in it is over */
export async function record(
  pack: ModelPack,
  classifier: Classifier,
  sound: Int16Array,
  endMs: number | null = null,
): Promise<HandoffStream> {
  const handoffs: { atMs: number; message: Uint8Array; endSample: number }[] = [];
  const detections: HandoffStream['detections'][number][] = [];
  let atMs = 0;
  const recording = {
    classify: (message: Uint8Array) => {
      handoffs.push({ atMs, message, endSample: readHandoffHeader(message).endSample });
      return classifier.classify(message);
    },
    look: (samples: Int16Array) => classifier.look(samples),
    ready: () => classifier.ready(),
  };
  const listener = new Listener({ pack, classifier: recording, secondLook: 'off' });
  listener.on('detection', ({ keyword, score, sample }) => detections.push({ keyword, score, sample }));
  for (let at = 0; at < sound.length; at += STEP_SAMPLES) {
    await listener.ready();
    const chunk = sound.subarray(at, at + STEP_SAMPLES);
    atMs = (at + chunk.length) / 16;
    listener.push(chunk, at);
  }
  await listener.settled();
  return { handoffs, detections, endMs, lengthMs: sound.length / 16 };
}
