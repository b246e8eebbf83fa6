import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EMBEDDING, teacherFile } from '../corpus/teacher.js';
import type { SecondMoments } from '../feed/second-feeder.js';
import { readOnnxWeights } from '../network/onnx-weights.js';
import { SECOND_SHAPE, type SecondShape, SPEECH_EMBEDDING_SHAPE } from '../network/second-network.js';
import { SPEECH_EMBEDDING_MOMENTS, speechEmbeddingWeights } from '../network/speech-embedding.js';
import { writeWeights } from '../network/weights.js';

const BODY_FILE = 'body.json';

/**
 * Writes the teacher itself, as fetched, into a folder like that of a distillation: `trainSecondKeywords` then trains a keyword head on
 * it, and `addCalibrated` puts both into a pack.
 *
 * @throws WakegateError WG_DATA_INVALID where the teacher has not been fetched, or is another network
 */
export async function writeSpeechEmbeddingTrunk(run: string): Promise<void> {
  const onnx = readOnnxWeights(await readFile(teacherFile('embedding_model.onnx')));
  const weights = speechEmbeddingWeights(onnx);
  // Nothing is distilled, so what embeddings are is not asked.
  const embedding = { mean: Array(EMBEDDING).fill(0), deviation: Array(EMBEDDING).fill(1) };
  const moments: SecondMoments = { levels: SPEECH_EMBEDDING_MOMENTS, embedding };
  await mkdir(run, { recursive: true });
  await writeFile(join(run, 'moments.json'), JSON.stringify(moments));
  await writeFile(join(run, BODY_FILE), JSON.stringify(SPEECH_EMBEDDING_SHAPE));
  await writeWeights(join(run, 'averaged.bin'), weights);
}

/** The body of a second look in such a folder, or of a distillation. */
export async function secondShapeOf(trunk: string): Promise<SecondShape> {
  const text = await readFile(join(trunk, BODY_FILE), 'utf8').catch(() => null);
  return text === null ? SECOND_SHAPE : SPEECH_EMBEDDING_SHAPE;
}
