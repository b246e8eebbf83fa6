import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Classifier } from '../../src/classifier/index.js';
import { detectFile } from '../../src/detect-audio.js';
import type { ModelPack } from '../../src/model/index.js';
import type { FileReport } from '../../src/protocol/index.js';
import { wavFile } from './daemon-fixture.js';
import { voice } from './signals.js';
import { makeTinyPack } from './tiny-pack.js';

/** 6 s of a voice at 16 kHz, as a file, and what a tiny pack hears in it by itself: something. */
export interface VoiceFile {
  readonly file: string;
  readonly samples: Int16Array;
  readonly pack: ModelPack;
  readonly expected: FileReport;
}

export async function makeVoiceFile(folder: string): Promise<VoiceFile> {
  const samples = voice(16_000, 6);
  const file = wavFile(folder, 'voice.wav', samples);
  const pack = await makeTinyPack(join(folder, 'pack'));
  const classifier = new Classifier({ pack, backend: 'wasm' });
  const expected = await detectFile(file, { pack, classifier });
  await classifier.close();
  assert.ok(expected.detections.length > 0, 'there is something to compare');
  return { file, samples, pack, expected };
}
