import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { FrameCutter } from '../frame-cutter.js';
import { packagesOf } from '../packages.js';
import { serve } from '../serve.js';

/** What is used here of node-personal-wakeword: audio goes in, and what it detects comes out. */
interface Detector extends Duplex {
  addKeyword(word: string, templates: readonly Buffer[]): Promise<void>;
}

/** 80 ms at a time: it judges voice by the piece. */
const FRAME = 1280;

/** node-personal-wakeword: dynamic time warping from a few recordings of one word. The setting is its threshold. */
await serve(async ({ words: [word], packages, setting, templates }, hearing) => {
  const Detector = packagesOf(packages)('@mathquis/node-personal-wakeword') as new (
    options: object,
  ) => Detector;
  if (templates === null) throw new Error('there are no recordings to teach it a word by');
  const pcm = await readFile(templates.path);
  let at = 0;
  const recordings = templates.lengths.map((length) => pcm.subarray(at, (at += 2 * length)));

  const frames = new FrameCutter(FRAME);
  const open = async () => {
    const detector = new Detector({ threshold: setting ?? 0.5 });
    await detector.addKeyword(word, recordings);
    detector.on('data', () => hearing.detected(word, frames.samples));
    return detector;
  };
  let detector = await open();
  return {
    async push(samples) {
      for (const frame of frames.cut(samples)) {
        // It throws sound away that comes before it has done with what came.
        if (!detector.write(Buffer.from(frame.slice().buffer))) await once(detector, 'drain');
        while (detector.writableLength > 0) await new Promise(setImmediate);
      }
    },
    async finish() {
      detector.destroy();
      detector = await open();
      frames.reset();
    },
  };
});
