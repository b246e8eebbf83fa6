import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Classifier } from '../../../src/classifier/index.js';
import { WakegateError } from '../../../src/errors.js';
import { readPack } from '../../../src/model/index.js';
import { Listener } from '../../../src/pipeline.js';
import { mutate } from '../mutate.js';
import { mutateJson } from '../mutate-json.js';
import type { FuzzTarget } from '../target.js';

const CHUNK = Int16Array.from({ length: 1280 }, (_, i) => Math.round(8000 * Math.sin(i * i)));
const CHUNKS = 25;

/** Only the front half is tried: the classifier's worker has limits of its own. */
const classifier = {
  ready: async () => {},
  classify: async () => {
    throw new WakegateError('WG_CLASSIFIER_CLOSED', 'there is none');
  },
} as unknown as Classifier;

/**
 * One file of a model pack, altered; pack.json has its new size and checksum. What is read as a pack has to listen, too.
 *
 * @param original folder of a pack
 * @param folder is overwritten
 */
export function packFile(
  name: 'pack.json' | 'back.json' | 'front.bin',
  original: string,
  folder: string,
): FuzzTarget {
  cpSync(original, folder, { recursive: true });
  const seed = readFileSync(join(folder, name));
  const manifest = JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8'));
  return {
    name,
    code: ['/src/model/', '/src/schema/', '/src/gate/', '/src/features/', '/src/pipeline.js'],
    seeds: () => [seed],

    mutate(corpus) {
      if (name === 'front.bin') return alterFloats(corpus);
      const text =
        Math.random() < 0.9 && mutateJson(corpus[Math.floor(Math.random() * corpus.length)].toString());
      return text ? Buffer.from(text) : mutate(corpus);
    },

    async read(input, pause) {
      writeFileSync(join(folder, name), input);
      if (name !== 'pack.json') {
        const sha256 = createHash('sha256').update(input).digest('hex');
        const files = { ...manifest.files, [name]: { bytes: input.length, sha256 } };
        writeFileSync(join(folder, 'pack.json'), JSON.stringify({ ...manifest, files }));
      }
      const pack = await readPack(folder);
      pause();
      const listener = new Listener({ pack, classifier });
      let fault: WakegateError | null = null;
      listener.on('fault', (error) => {
        fault = error;
      });
      pause();
      for (let chunk = 0; chunk < CHUNKS; chunk++) {
        listener.push(CHUNK, chunk * CHUNK.length);
        pause();
      }
      if (fault) throw fault;
      const { score } = listener.account();
      if (!(score >= 0 && score <= 1)) throw new Error(`a gate's score of ${score}`);
    },
  };
}

/** Sizes stay as they are, or nothing but the check of sizes is reached. */
function alterFloats(corpus: readonly Buffer[]): Buffer {
  const input = Buffer.from(corpus[Math.floor(Math.random() * corpus.length)]);
  const odd = [0, -0, 1e-45, -1, 1e30, -1e30, 3.4e38, -3.4e38, Number.NaN, Number.POSITIVE_INFINITY];
  for (let change = 1 + Math.floor(Math.random() * 4); change > 0; change--) {
    const at = 4 * Math.floor((Math.random() * input.length) / 4);
    input.writeFloatLE(odd[Math.floor(Math.random() * odd.length)], at);
  }
  return input;
}
