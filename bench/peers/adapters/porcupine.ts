import { FrameCutter } from '../frame-cutter.js';
import { packagesOf } from '../packages.js';
import { serve } from '../serve.js';

/** What is used here of Porcupine 1.9. */
interface PorcupineModule {
  readonly defaultHotwords: Readonly<Record<string, Uint8Array>>;
  readonly loader: { once(event: 'ready', then: () => void): void };
  isLoaded(): boolean;
  create(keywords: readonly Uint8Array[], sensitivities: Float32Array): Porcupine;
}

interface Porcupine {
  /** Place of the keyword that was heard, or -1. */
  process(frame: Int16Array): number;
  release(): void;
}

const FRAME = 512;

/** Porcupine 1.9 without bumblebee's own buffering, which costs more than need be. The setting is its sensitivity. */
await serve(async ({ words, packages, setting }, hearing) => {
  const require = packagesOf(packages);
  const module = require('bumblebee-hotword-node/lib/porcupine-v1.9') as PorcupineModule;
  if (!module.isLoaded()) await new Promise<void>((resolve) => module.loader.once('ready', resolve));
  const own = words.filter((word) => word in module.defaultHotwords);
  const open = () =>
    module.create(
      own.map((word) => module.defaultHotwords[word]),
      Float32Array.from(own, () => setting ?? 0.5),
    );
  const frames = new FrameCutter(FRAME);
  let porcupine = open();
  return {
    push(samples) {
      for (const frame of frames.cut(samples)) {
        const heard = porcupine.process(frame);
        if (heard >= 0) hearing.detected(own[heard], frames.samples);
      }
    },
    finish() {
      // It cannot be told to forget.
      porcupine.release();
      porcupine = open();
      frames.reset();
    },
  };
});
