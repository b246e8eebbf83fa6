import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AlignmentWatch } from '../../../src/audio/microphone/alignment-watch.js';
import { TextStart } from '../../../src/audio/microphone/text-start.js';
import { s16le, voice } from '../../support/signals.js';

const RATE = 16_000;
const SAMPLES = 8 * RATE;

let state = 7;
/** Within [-1, 1). */
const noise = () => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) / 2 ** 23 - 1;
};
const made = (at: (i: number) => number) =>
  Int16Array.from({ length: SAMPLES }, (_, i) => Math.round(Math.max(-32_768, Math.min(32_767, at(i)))));
const tone = (i: number) => Math.sin((2 * Math.PI * 440 * i) / RATE);

/** How soon it says that they are out of step, in seconds; null where it does not. */
function seenAfter(bytes: Uint8Array, pieceBytes = 2560): number | null {
  const watch = new AlignmentWatch(2 * RATE);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    if (watch.push(bytes.subarray(at, at + pieceBytes))) return at / (2 * RATE);
  }
  return null;
}

/** A byte is missing at the beginning. */
const outOfStep = (samples: Int16Array) => s16le(samples).subarray(1);

describe('samples out of step by a byte', () => {
  const rooms = {
    'a quiet room': made(() => 12 * noise()),
    'a loud room': made(() => 900 * noise()),
    'a tone': made((i) => 3000 * tone(i)),
    speech: voice(RATE, 8),
  };
  for (const [name, samples] of Object.entries(rooms)) {
    it(`are seen within six seconds of ${name}`, () => {
      assert.ok((seenAfter(outOfStep(samples)) ?? 99) <= 6);
      assert.ok((seenAfter(outOfStep(samples), 17_921) ?? 99) <= 6, 'in pieces of an odd length');
      assert.equal(seenAfter(s16le(samples)), null);
      assert.equal(seenAfter(s16le(samples), 17_921), null, 'in pieces of an odd length');
    });
  }

  const loud = {
    'white noise at full scale': made(() => 32_767 * noise()),
    'a tone that clips': made((i) => 90_000 * tone(i)),
    'a square wave': made((i) => (tone(i) > 0 ? 32_767 : -32_768)),
    'loud sound of 8 bits': made((i) => Math.round(100 * tone(i)) * 256),
    'loud sound of 10 bits': made((i) => Math.round(400 * tone(i)) * 64),
    'speech that clips': voice(RATE, 8).map((sample) => Math.max(-32_768, Math.min(32_767, 20 * sample))),
    silence: new Int16Array(SAMPLES),
  };
  for (const [name, samples] of Object.entries(loud)) {
    it(`are not taken for ${name}`, () => assert.equal(seenAfter(s16le(samples)), null));
  }
});

describe('text before the samples', () => {
  const sound = s16le(voice(RATE, 1));
  const through = (bytes: Uint8Array, pieceBytes: number) => {
    const start = new TextStart();
    const samples: number[] = [];
    for (let at = 0; at < bytes.length; at += pieceBytes)
      samples.push(...start.push(bytes.subarray(at, at + pieceBytes)));
    return { samples: Buffer.from(samples), text: start.text, isEndless: start.isEndless };
  };

  for (const pieceBytes of [1, 7, 2560]) {
    it(`is kept from them, in pieces of ${pieceBytes}`, () => {
      const line = "Recording raw data 'stdin'\n";
      const { samples, text } = through(Buffer.concat([Buffer.from(line), sound]), pieceBytes);
      assert.equal(text, line);
      assert.deepEqual(samples, Buffer.from(sound));
    });

    it(`is not seen where there is none, in pieces of ${pieceBytes}`, () => {
      const { samples, text, isEndless } = through(sound, pieceBytes);
      assert.deepEqual([text, isEndless], ['', false]);
      assert.deepEqual(samples, Buffer.from(sound));
    });
  }

  it('that never ends is said', () => {
    const { samples, isEndless } = through(Buffer.from('usage\n'.repeat(2000)), 100);
    assert.deepEqual([samples.length, isEndless], [0, true]);
  });
});
