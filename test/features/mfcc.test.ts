import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import MeydaModule from 'meyda';
import { FrameStream, Mfcc } from '../../src/features/index.js';
import type { FeatureSettings } from '../../src/model/index.js';
import { speech } from '../support/speech.js';

const SETTINGS: FeatureSettings = {
  sampleRate: 16_000,
  windowSamples: 512,
  hopSamples: 320,
  melBands: 32,
  coefficients: 20,
};

/** What is used here of Meyda, whose module is CommonJS with a default export inside. */
interface MeydaCopy {
  sampleRate: number;
  bufferSize: number;
  melBands: number;
  numberOfMFCCCoefficients: number;
  extract(feature: 'mfcc', frame: Float32Array): number[];
}

function meyda(settings: FeatureSettings): MeydaCopy {
  const original =
    (MeydaModule as unknown as { default?: MeydaCopy }).default ?? (MeydaModule as unknown as MeydaCopy);
  return Object.assign({}, original, {
    sampleRate: settings.sampleRate,
    bufferSize: settings.windowSamples,
    melBands: settings.melBands,
    numberOfMFCCCoefficients: settings.coefficients,
  });
}

/** Every coefficient of every frame, relative to the largest of its frame where it is near zero itself. */
function assertLikeMeyda(samples: Int16Array, settings: FeatureSettings): void {
  const oracle = meyda(settings);
  const mfcc = new Mfcc(settings);
  const actual = new Float32Array(settings.coefficients);
  let frames = 0;
  for (let at = 0; at + settings.windowSamples <= samples.length; at += settings.hopSamples) {
    const expected = oracle.extract(
      'mfcc',
      Float32Array.from(samples.subarray(at, at + settings.windowSamples)),
    );
    mfcc.compute(samples, at, actual, 0);
    // Meyda rounds each band to single precision, so a coefficient that is a difference of large bands keeps less.
    const grain = Math.max(...expected.map(Math.abs)) * 1e-3;
    for (const [c, value] of expected.entries()) {
      const tolerance = 1e-3 * Math.max(Math.abs(value), grain);
      assert.ok(
        Math.abs(actual[c] - value) <= tolerance,
        `frame at ${at}, coefficient ${c}: ${actual[c]}, Meyda has ${value}`,
      );
    }
    frames++;
  }
  assert.ok(frames > 20);
}

function noise(amplitude: number, length = 16_000): Int16Array {
  let state = 1;
  return Int16Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.round((state / 2 ** 30 - 1) * amplitude);
  });
}

describe('MFCCs are those of Meyda', () => {
  let spoken: Int16Array;
  before(async () => {
    spoken = await speech('Alexa, what does the computer see in the smart mirror? Jarvis asks the snowboy.');
  });

  test('on speech', () => assertLikeMeyda(spoken, SETTINGS));
  test('on loud and on faint noise', () => {
    assertLikeMeyda(noise(20_000), SETTINGS);
    assertLikeMeyda(noise(2), SETTINGS);
  });
  test('on silence', () => assertLikeMeyda(new Int16Array(16_000), SETTINGS));
  test('on full-scale clipping', () => {
    assertLikeMeyda(
      Int16Array.from({ length: 16_000 }, (_, i) => (Math.sin(i * 0.05) > 0 ? 32_767 : -32_768)),
      SETTINGS,
    );
    assertLikeMeyda(
      spoken.map((sample) => Math.max(-32_768, Math.min(32_767, sample * 50))),
      SETTINGS,
    );
  });
  test('with other settings', () => {
    assertLikeMeyda(spoken, {
      ...SETTINGS,
      windowSamples: 1024,
      hopSamples: 512,
      melBands: 40,
      coefficients: 13,
    });
    assertLikeMeyda(spoken, {
      ...SETTINGS,
      windowSamples: 256,
      hopSamples: 160,
      melBands: 20,
      coefficients: 20,
    });
  });
});

describe('a stream of frames', () => {
  const samples = noise(5_000, 16_123);
  /** Frame n ends with sample (n + 1) * hop; silence comes before the stream. */
  const whole = (() => {
    const lead = SETTINGS.windowSamples - SETTINGS.hopSamples;
    const padded = new Int16Array(lead + samples.length);
    padded.set(samples, lead);
    const count = Math.floor(samples.length / SETTINGS.hopSamples);
    const frames = new Float32Array(count * SETTINGS.coefficients);
    const mfcc = new Mfcc(SETTINGS);
    for (let n = 0; n < count; n++)
      mfcc.compute(padded, n * SETTINGS.hopSamples, frames, n * SETTINGS.coefficients);
    return frames;
  })();

  const collect = (stream: FrameStream, chunkSamples: number, blockFrames: number): Float32Array => {
    const block = new Float32Array(blockFrames * SETTINGS.coefficients);
    const out: number[] = [];
    for (let start = 0; start < samples.length; start += chunkSamples) {
      const chunk = samples.subarray(start, start + chunkSamples);
      for (let at = 0; at < chunk.length; at += stream.taken) {
        const count = stream.push(chunk, at, block);
        out.push(...block.subarray(0, count * SETTINGS.coefficients));
      }
    }
    return Float32Array.from(out);
  };

  for (const [chunk, block] of [
    [1, 1],
    [37, 3],
    [320, 1],
    [1280, 4],
    [5000, 2],
    [16_123, 100],
  ]) {
    test(`is the same in chunks of ${chunk} samples and blocks of ${block} frames`, () => {
      assert.deepEqual(collect(new FrameStream(SETTINGS), chunk, block), whole);
    });
  }

  test('says beforehand how many frames come', () => {
    const stream = new FrameStream(SETTINGS);
    const block = new Float32Array(100 * SETTINGS.coefficients);
    for (const length of [100, 219, 1, 640, 5000]) {
      const expected = stream.framesFor(length);
      assert.equal(stream.push(samples.subarray(0, length), 0, block), expected);
    }
  });

  /** What a stream with a gate gives: frames by number, and how many were skipped. */
  const gated = (sound: (hop: number) => boolean, chunkSamples: number, blockFrames: number) => {
    let hop = 0;
    const stream = new FrameStream(SETTINGS, { push: () => sound(hop++), reset: () => {} });
    const block = new Float32Array(blockFrames * SETTINGS.coefficients);
    const frames = new Map<number, Float32Array>();
    let next = 0;
    let skipped = 0;
    for (let start = 0; start < samples.length; start += chunkSamples) {
      const chunk = samples.subarray(start, start + chunkSamples);
      for (let at = 0; at < chunk.length || stream.ready; at += stream.taken) {
        const count = stream.push(chunk, at, block);
        next += stream.skipped;
        skipped += stream.skipped;
        assert.equal(stream.skipped % 2, 0, 'frames are skipped in pairs');
        for (let i = 0; i < count; i++) {
          frames.set(next++, block.slice(i * SETTINGS.coefficients, (i + 1) * SETTINGS.coefficients));
        }
      }
    }
    assert.equal(frames.size + skipped + stream.waiting, Math.floor(samples.length / SETTINGS.hopSamples));
    return { frames, skipped };
  };

  test('with a gate that is always open is the same as without', () => {
    const { frames } = gated(() => true, 777, 5);
    assert.deepEqual(Float32Array.from([...frames.values()].flatMap((frame) => [...frame])), whole);
  });

  for (const [chunk, block] of [
    [100, 2],
    [1280, 50],
    [16_123, 7],
  ]) {
    test(`with a gate gives the frames with sound and those just before, in chunks of ${chunk} and blocks of ${block}`, () => {
      // Hops 3 and 4, and 44 to 47, have sound.
      const { frames, skipped } = gated(
        (hop) => hop === 3 || hop === 4 || (hop >= 44 && hop < 48),
        chunk,
        block,
      );
      // 39 hops lie between; the last 32 or 33 of them are made.
      assert.equal(skipped, 6);
      const expected = [0, 1, 2, 3, 4, ...Array.from({ length: 37 }, (_, i) => 11 + i)];
      assert.deepEqual([...frames.keys()], expected);
      for (const [n, frame] of frames) {
        assert.deepEqual(
          frame,
          whole.slice(n * SETTINGS.coefficients, (n + 1) * SETTINGS.coefficients),
          `frame ${n}`,
        );
      }
    });
  }

  test('starts over after a reset', () => {
    const stream = new FrameStream(SETTINGS);
    collect(stream, 777, 3);
    stream.reset();
    assert.deepEqual(collect(stream, 1280, 4), whole);
  });
});
