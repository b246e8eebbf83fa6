import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AdaptiveBits, RangeDecoder, RangeEncoder } from '../../src/gate/range-coder.js';

/** A small generator with a seed, so that every run sees the same bits. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const runs = fc.record({
  starts: fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 8 }),
  confidence: fc.integer({ min: 0, max: 120 }),
  // Context -1 stands for a bit of which nothing is known.
  bits: fc.array(fc.tuple(fc.integer({ min: -1, max: 7 }), fc.constantFrom<0 | 1>(0, 1)), {
    maxLength: 2000,
  }),
});

function contexts(starts: readonly number[], confidence: number): AdaptiveBits {
  const bits = new AdaptiveBits(8);
  starts.forEach((ones, context) => {
    bits.start(context, ones, confidence);
  });
  return bits;
}

describe('range coder', () => {
  it('gives back any bits, in any contexts, from any start, and leaves nothing unread', () => {
    const encoder = new RangeEncoder();
    const decoder = new RangeDecoder();
    fc.assert(
      fc.property(runs, ({ starts, confidence, bits }) => {
        let model = contexts(starts, confidence);
        encoder.start();
        for (const [context, bit] of bits) {
          if (context < 0) encoder.encodeEven(bit);
          else encoder.encode(model, context, bit);
        }
        const bytes = encoder.finish().slice();

        model = contexts(starts, confidence);
        decoder.start(bytes);
        for (const [context, bit] of bits) {
          assert.equal(context < 0 ? decoder.decodeEven() : decoder.decode(model, context), bit);
        }
        assert.equal(decoder.unread, 0);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('gives back a long run of the likely bit, and then the unlikely one', () => {
    const encoder = new RangeEncoder();
    const model = new AdaptiveBits(1);
    model.start(0, 32_768, 0);
    encoder.start();
    for (let i = 0; i < 100_000; i++) encoder.encode(model, 0, 1);
    encoder.encode(model, 0, 0);
    const bytes = encoder.finish();
    // A context comes to rest 121/65536 from certain: the likely bit costs 0.0027 bits, 33 bytes together.
    assert.ok(bytes.length < 40, `${bytes.length} bytes`);

    const decoder = new RangeDecoder();
    model.start(0, 32_768, 0);
    decoder.start(bytes);
    for (let i = 0; i < 100_000; i++) assert.equal(decoder.decode(model, 0), 1);
    assert.equal(decoder.decode(model, 0), 0);
  });

  it('costs within 3 % of the entropy of bits with a steady probability', () => {
    const random = uniform(7);
    for (const p of [0.02, 0.1, 0.3, 0.5, 0.8, 0.97]) {
      const encoder = new RangeEncoder();
      const model = new AdaptiveBits(1);
      model.start(0, 32_768, 0);
      encoder.start();
      let ideal = 0;
      for (let i = 0; i < 50_000; i++) {
        const bit = random() < p ? 1 : 0;
        ideal -= Math.log2(bit === 1 ? p : 1 - p);
        encoder.encode(model, 0, bit);
      }
      const cost = 8 * encoder.finish().length;
      assert.ok(cost < 1.03 * ideal, `p = ${p}: ${cost} bits for ${ideal.toFixed(0)}`);
    }
  });

  it('costs one bit for a bit of which nothing is known', () => {
    const random = uniform(3);
    const encoder = new RangeEncoder();
    encoder.start();
    for (let i = 0; i < 8000; i++) encoder.encodeEven(random() < 0.5 ? 1 : 0);
    assert.ok(Math.abs(encoder.finish().length - 1000) <= 1);
  });

  it('follows a probability that changes', () => {
    const model = new AdaptiveBits(1);
    model.start(0, 6554, 120);
    for (let i = 0; i < 1000; i++) model.learn(0, 1);
    assert.ok(model.ones[0] > 0.98 * 65_536);
    for (let i = 0; i < 1000; i++) model.learn(0, 0);
    assert.ok(model.ones[0] < 0.02 * 65_536);
    assert.ok(model.ones[0] > 0);
  });

  it('says how many bytes no bit depended on', () => {
    const decoder = new RangeDecoder();
    decoder.start(new Uint8Array(100));
    for (let i = 0; i < 80; i++) decoder.decodeEven();
    assert.equal(decoder.unread, 100 - 4 - 10);
  });
});
