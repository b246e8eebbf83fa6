import { type OwnKeyword, readPack, resolvePack, trunkOf } from '../../src/model/index.js';

/** A keyword of one's own for an installed pack, with weights of no meaning: it hears nothing. */
export async function deafKeyword(name: string, phrase: string, pack = 'wake-words-en'): Promise<OwnKeyword> {
  const { compression, ...rest } = await readPack(await resolvePack(pack));
  const { channels } = compression;
  const [embeddings, size, hidden, taps] = [16, 96, 4, 32];
  return {
    name,
    phrase,
    trunk: trunkOf({ compression, ...rest }),
    threshold: 0.9,
    patience: 1,
    head: {
      embeddings,
      size,
      hidden,
      w1: new Float32Array(embeddings * size * hidden),
      b1: new Float32Array(hidden),
      w2: new Float32Array(hidden),
      b2: -10,
    },
    gate: { taps, channels, weights: new Float32Array(taps * channels), bias: -10 },
    second: null,
    made: {},
    forecast: {},
  };
}
