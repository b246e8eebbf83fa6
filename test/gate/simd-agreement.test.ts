import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { readAudioFile } from '../../src/audio/index.js';
import { FrameStream, Mfcc } from '../../src/features/index.js';
import { SimdMfcc } from '../../src/features/simd-mfcc.js';
import { GatedFront } from '../../src/gate/gated-front.js';
import { type ModelPack, readPack, resolvePack } from '../../src/model/index.js';
import { newKernels } from '../../src/simd/index.js';
import { speech } from '../support/speech.js';

const DATA = process.env.WAKEGATE_DATA ?? '../shared/data';
const MANIFEST = join(DATA, 'manifest.csv');
/** Of the recordings, one in so many: the suite is to be quick. */
const EVERY = 40;

const kernels = newKernels();
const skip = kernels === null && 'this processor has no SIMD for WebAssembly';

describe('the gate decides by SIMD as by the plain path', { skip }, () => {
  let pack: ModelPack;
  before(async () => {
    pack = await readPack(await resolvePack('wake-words-en'));
  });

  /** @returns levels, and how many of them differ */
  function assertAgreement(samples: Int16Array, what: string): readonly [number, number] {
    const { features, handoff, compression, gate } = pack;
    const streams = [
      new FrameStream(features, null, new Mfcc(features)),
      new FrameStream(features, null, new SimdMfcc(features, kernels!)),
    ];
    const fronts = [new GatedFront(pack, null), new GatedFront(pack, kernels)];
    const frames = streams.map((stream) => {
      const all = new Float32Array(stream.framesFor(samples.length) * features.coefficients);
      stream.push(samples, 0, all);
      return all;
    });
    const windows = fronts.map(() => new Uint8Array(handoff.windowSteps * compression.channels));
    let differing = 0;
    let steps = 0;
    for (let at = 0; at < frames[0].length; at += features.coefficients) {
      const isStep = fronts.map((front, i) => front.push(frames[i], at));
      assert.equal(isStep[0], isStep[1]);
      if (!isStep[0]) continue;
      const [plain, fast] = fronts;
      assert.ok(
        Math.abs(plain.score - fast.score) < 1e-4,
        `${what}, step ${steps}: ${plain.score}, ${fast.score}`,
      );
      if (Math.abs(plain.score - gate.threshold) > 1e-4)
        assert.equal(plain.score >= gate.threshold, fast.score >= gate.threshold);
      for (const [i, front] of fronts.entries()) front.copyWindow(windows[i]);
      const newest = windows[0].length - compression.channels;
      for (let i = newest; i < windows[0].length; i++) {
        const difference = Math.abs(windows[0][i] - windows[1][i]);
        assert.ok(difference <= 1, `${what}, step ${steps}: levels differ by ${difference}`);
        differing += difference;
      }
      steps++;
    }
    return [steps * compression.channels, differing];
  }

  test('on speech and on noise', async () => {
    const spoken = await speech('Hey jarvis, what is the weather? The computer asks the smart mirror.');
    let state = 1;
    const noise = Int16Array.from({ length: 80_000 }, (_, i) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.round((state / 2 ** 30 - 1) * 3000 * Math.abs(Math.sin(i / 4000)));
    });
    for (const [samples, what] of [
      [spoken, 'speech'],
      [noise, 'noise'],
    ] as const) {
      const [levels, differing] = assertAgreement(samples, what);
      assert.ok(differing <= 1e-4 * levels, `${differing} of ${levels} levels differ on ${what}`);
    }
  });

  test('on recordings', async (t) => {
    if (!existsSync(MANIFEST)) return t.skip(`there are no recordings in ${DATA}`);
    const paths = readFileSync(MANIFEST, 'utf8')
      .split('\n')
      .filter((line) => line.includes(',dev,'))
      .map((line) => line.slice(0, line.indexOf(',')))
      .filter((_, i) => i % EVERY === 0);
    let levels = 0;
    let differing = 0;
    for (const path of paths) {
      const samples = await readAudioFile(join(DATA, path));
      const [all, other] = assertAgreement(samples.subarray(0, 16_000 * 20), path);
      levels += all;
      differing += other;
    }
    t.diagnostic(`${paths.length} recordings: ${differing} of ${levels} levels differ`);
    assert.ok(paths.length > 10 && differing <= 1e-4 * levels, `${differing} of ${levels} levels differ`);
  });
});
