import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { WakegateError } from '../../src/errors.js';
import { estimateZeroPrior, HandoffDecoder, HandoffEncoder } from '../../src/gate/handoff.js';
import type { Compression } from '../../src/model/pack.js';

const FINGERPRINT = 0xdeadbeef;

function compression(channels: number, maxLevel: number, zeroPrior?: Uint8Array): Compression {
  return {
    channels,
    maxLevel,
    theta: new Float32Array(channels),
    levelStep: 0.25,
    zeroPrior: zeroPrior ?? new Uint8Array(channels * 3).fill(128),
  };
}

/** A small generator with a seed, so that every run sees the same levels. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function assertRefused(act: () => unknown, sentence: RegExp): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof WakegateError, String(error));
    assert.equal(error.code, 'WG_HANDOFF_INVALID');
    assert.match(error.message, sentence);
    return true;
  });
}

/** The message with its last four bytes made right again, as a hostile sender would. */
function withRightChecksum(message: Uint8Array): Uint8Array {
  const sealed = message.slice();
  const end = sealed.length - 4;
  new DataView(sealed.buffer).setUint32(end, crc32(sealed.subarray(0, end)), true);
  return sealed;
}

/** Windows of any size, density and content, the corners among them. */
const windows = fc
  .record({
    steps: fc.integer({ min: 1, max: 12 }),
    channels: fc.integer({ min: 1, max: 12 }),
    maxLevel: fc.constantFrom(1, 2, 15, 16, 17, 31, 127, 255),
    prior: fc.integer({ min: 1, max: 255 }),
    density: fc.constantFrom(0, 0.05, 0.2, 0.5, 1),
    kind: fc.constantFrom('even', 'small', 'max'),
    seed: fc.nat(),
    streamId: fc.maxSafeNat(),
    step: fc.nat({ max: 2 ** 40 }),
    endSample: fc.maxSafeNat(),
  })
  .map(({ steps, channels, maxLevel, prior, density, kind, seed, streamId, step, endSample }) => {
    const random = uniform(seed);
    const levels = Uint8Array.from({ length: steps * channels }, () => {
      if (random() >= density) return 0;
      if (kind === 'max') return maxLevel;
      const share = kind === 'small' ? random() ** 4 : random();
      return 1 + Math.floor(share * maxLevel * 0.999);
    });
    const settings = compression(channels, maxLevel, new Uint8Array(channels * 3).fill(prior));
    return { steps, settings, levels, header: { streamId, step, endSample } };
  });

describe('handoff', () => {
  it('gives back 10 000 windows exactly, and refuses each of them cut, altered, lengthened or of another pack', () => {
    const harm = fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      bit: fc.nat({ max: 7 }),
    });
    fc.assert(
      fc.property(windows, harm, ({ steps, settings, levels, header }, { at, bit }) => {
        const encoder = new HandoffEncoder(settings, FINGERPRINT, steps);
        const decoder = new HandoffDecoder(settings, FINGERPRINT, steps);
        const message = encoder.encode(header, levels);
        const handoff = decoder.decode(message);
        assert.deepEqual(handoff, { ...header, levels });

        const place = Math.floor(at * message.length);
        assertRefused(() => decoder.decode(message.subarray(0, place)), /cut|no handoff/);
        const altered = message.slice();
        altered[place] ^= 1 << bit;
        assertRefused(() => decoder.decode(altered), /altered|no handoff|version/);
        const longer = new Uint8Array(message.length + 1 + bit);
        longer.set(message);
        assertRefused(() => decoder.decode(longer), /lengthened/);
        const other = new HandoffDecoder(settings, FINGERPRINT ^ (1 << bit), steps);
        assertRefused(() => other.decode(message), /model pack deadbeef/);
      }),
      { numRuns: 10_000, seed: 2 },
    );
  });

  it('refuses 10 000 runs of random bytes', () => {
    const decoder = new HandoffDecoder(compression(7, 31), FINGERPRINT, 9);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assertRefused(() => decoder.decode(bytes), /^This handoff cannot be used/);
      }),
      { numRuns: 10_000, seed: 3 },
    );
  });

  it('ends, and gives a window of this pack or an error, for random bytes behind a right header and checksum', () => {
    const settings = compression(7, 20);
    const decoder = new HandoffDecoder(settings, FINGERPRINT, 9);
    const sound = new HandoffEncoder(settings, FINGERPRINT, 9).encode(
      { streamId: 1, step: 2, endSample: 3 },
      new Uint8Array(63),
    );
    const head = sound.subarray(0, 11);
    let refused = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        const forged = new Uint8Array(head.length + payload.length + 4);
        forged.set(head);
        forged.set(payload, head.length);
        try {
          const { levels } = decoder.decode(withRightChecksum(forged));
          assert.equal(levels.length, 63);
          assert.ok(levels.every((level) => level <= 20));
        } catch (error) {
          assert.ok(error instanceof WakegateError && error.code === 'WG_HANDOFF_INVALID', String(error));
          refused++;
        }
      }),
      { numRuns: 10_000, seed: 4 },
    );
    assert.ok(refused > 0 && refused < 10_000, `${refused} refused`);
  });

  it('survives random header numbers behind a right checksum', () => {
    const decoder = new HandoffDecoder(compression(7, 20), FINGERPRINT, 9);
    const fixed = Uint8Array.of(0x57, 1, 0xef, 0xbe, 0xad, 0xde);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 60 }), (rest) => {
        const forged = new Uint8Array(fixed.length + rest.length + 4);
        forged.set(fixed);
        forged.set(rest, fixed.length);
        assertRefused(() => decoder.decode(withRightChecksum(forged)), /steps of|header/);
      }),
      { numRuns: 5000, seed: 5 },
    );
  });

  it('says what is wrong with a message that is whole but not ours', () => {
    const settings = compression(4, 15);
    const message = new HandoffEncoder(settings, FINGERPRINT, 3).encode(
      { streamId: 0, step: 0, endSample: 0 },
      new Uint8Array(12).fill(3),
    );
    const decoder = new HandoffDecoder(settings, FINGERPRINT, 3);
    assertRefused(() => decoder.decode(new Uint8Array(0)), /message of 0 bytes is cut short/);
    assertRefused(() => decoder.decode(Uint8Array.of(0x58, ...message.subarray(1))), /begins with byte 88/);
    assertRefused(
      () => decoder.decode(Uint8Array.of(0x57, 2, ...message.subarray(2))),
      /version 2, this is version 1/,
    );
    assertRefused(
      () => new HandoffDecoder(settings, FINGERPRINT, 4).decode(message),
      /3 steps of 4, .* has 4 of 4/,
    );
    assertRefused(
      () => new HandoffDecoder(compression(3, 15), FINGERPRINT, 3).decode(message),
      /3 steps of 4, .* has 3 of 3/,
    );
    const padded = new Uint8Array(message.length + 9);
    padded.set(message.subarray(0, -4));
    assertRefused(() => decoder.decode(withRightChecksum(padded)), /bytes longer than its levels/);
  });

  it('refuses to write what could not be read', () => {
    const encoder = new HandoffEncoder(compression(4, 15), FINGERPRINT, 3);
    const header = { streamId: 0, step: 0, endSample: 0 };
    assertRefused(
      () => encoder.encode(header, new Uint8Array(11)),
      /11 levels given, but a handoff has 3 steps of 4/,
    );
    assertRefused(() => encoder.encode(header, new Uint8Array(12).fill(16)), /level 16 given, where 15/);
    for (const step of [-1, 0.5, 2 ** 53, Number.NaN]) {
      assertRefused(() => encoder.encode({ ...header, step }, new Uint8Array(12)), /given, where stream/);
    }
  });

  it('gives messages and levels that later calls leave alone', () => {
    const settings = compression(4, 15);
    const encoder = new HandoffEncoder(settings, FINGERPRINT, 3);
    const decoder = new HandoffDecoder(settings, FINGERPRINT, 3);
    const header = { streamId: 0, step: 0, endSample: 0 };
    const first = encoder.encode(header, new Uint8Array(12).fill(3));
    const copy = first.slice();
    const second = encoder.encode(header, new Uint8Array(12).fill(7));
    assert.deepEqual(first, copy);
    const levels = decoder.decode(first).levels;
    decoder.decode(second);
    assert.deepEqual(levels, new Uint8Array(12).fill(3));
  });

  it('reads the same bytes in a year: a message written down', () => {
    const settings = compression(
      5,
      40,
      Uint8Array.from({ length: 15 }, (_, i) => 250 - 16 * i),
    );
    const levels = Uint8Array.of(
      ...[0, 0, 1, 0, 0],
      ...[0, 2, 3, 0, 0],
      ...[0, 1, 4, 0, 1],
      ...[0, 0, 16, 0, 2],
      ...[1, 0, 40, 0, 0],
      ...[0, 0, 17, 0, 0],
    );
    const header = { streamId: 300, step: 2 ** 40, endSample: 2 ** 53 - 1 };
    const hex = '57010d0c0b0aac02808080808020ffffffffffffff0f0605a9d75f50430ad3051851132307d9';
    const message = new HandoffEncoder(settings, 0x0a0b0c0d, 6).encode(header, levels);
    assert.equal(Buffer.from(message).toString('hex'), hex);
    const read = new HandoffDecoder(settings, 0x0a0b0c0d, 6).decode(Buffer.from(hex, 'hex'));
    assert.deepEqual(read, { ...header, levels });
  });
});

describe('handoff size', () => {
  const STEPS = 52;
  const CHANNELS = 44;
  const DENSE_BYTES = STEPS * CHANNELS * 4;
  /** Magic, version, fingerprint, stream, three bytes of step, four of sample, steps, channels, checksum. */
  const HEADER_BYTES = 1 + 1 + 4 + 1 + 3 + 4 + 1 + 1 + 4;
  const header = { streamId: 1, step: 100_000, endSample: 64_000_000 };

  /**
   * A Markov chain per channel, over steps: each channel has its own rates of waking (0 to not) and of
   * sleeping, a level's size is geometric about its predecessor's. 80 % zeros on the whole. Returns windows
   * and the bits that a coder would need that knew every probability.
   */
  function markov(seed: number, count: number): { windows: Uint8Array[]; idealBytes: number } {
    const random = uniform(seed);
    const rates = uniform(99);
    const wake = Array.from({ length: CHANNELS }, () => 0.02 + 0.09 * rates());
    const sleep = Array.from({ length: CHANNELS }, () => 0.15 + 0.2 * rates());
    let bits = 0;
    const draw = (p: number): boolean => {
      const yes = random() < p;
      bits -= Math.log2(yes ? p : 1 - p);
      return yes;
    };
    const windows = Array.from({ length: count }, () => {
      const levels = new Uint8Array(STEPS * CHANNELS);
      for (let i = 0; i < levels.length; i++) {
        const channel = i % CHANNELS;
        const before = i < CHANNELS ? 0 : levels[i - CHANNELS];
        const zero = before === 0 ? 1 - wake[channel] : sleep[channel] * (before === 1 ? 1.5 : 0.8);
        if (draw(zero)) continue;
        const larger = [0.45, 0.5, 0.55, 0.6][Math.min(before, 3)];
        let level = 1;
        while (level < 31 && draw(larger)) level++;
        levels[i] = level;
      }
      return levels;
    });
    return { windows, idealBytes: bits / 8 / count };
  }

  it('is within 3 % of what a coder that knew all would take, and below 3 % of dense float32', () => {
    const zeroPrior = estimateZeroPrior(markov(1, 200).windows, CHANNELS);
    const encoder = new HandoffEncoder(compression(CHANNELS, 31, zeroPrior), FINGERPRINT, STEPS);
    const { windows, idealBytes } = markov(2, 100);
    let bytes = 0;
    let zeros = 0;
    for (const levels of windows) {
      bytes += encoder.encode(header, levels).length / windows.length;
      for (const level of levels) zeros += level === 0 ? 1 : 0;
    }
    const zeroShare = zeros / (windows.length * STEPS * CHANNELS);
    assert.ok(zeroShare > 0.75 && zeroShare < 0.85, `${zeroShare} zeros`);
    assert.ok(
      bytes < 1.03 * idealBytes + HEADER_BYTES,
      `${bytes} bytes, ideally ${idealBytes} + ${HEADER_BYTES}`,
    );
    assert.ok(bytes < 0.03 * DENSE_BYTES, `${bytes} of ${DENSE_BYTES} bytes`);
  });

  it('costs little more than its header when all is zero', () => {
    const zeroPrior = estimateZeroPrior(markov(1, 200).windows, CHANNELS);
    const encoder = new HandoffEncoder(compression(CHANNELS, 31, zeroPrior), FINGERPRINT, STEPS);
    const bytes = encoder.encode(header, new Uint8Array(STEPS * CHANNELS)).length;
    assert.ok(bytes < HEADER_BYTES + 20, `${bytes} bytes`);
  });
});

describe('estimateZeroPrior', () => {
  it('counts zeros by channel and level before, the first step as after a zero', () => {
    // Channel 0: 0 1 0 0 | channel 1: 5 5 5 0
    const prior = estimateZeroPrior([Uint8Array.of(0, 5, 1, 5, 0, 5, 0, 0)], 2);
    const even = 128;
    const expected = [
      ...[(256 * (2 + 1)) / (3 + 2), (256 * (1 + 1)) / (1 + 2), even],
      ...[(256 * (0 + 1)) / (1 + 2), even, (256 * (1 + 1)) / (3 + 2)],
    ];
    assert.deepEqual([...prior], expected.map(Math.round));
  });

  it('never says impossible or certain', () => {
    const zeros = estimateZeroPrior([new Uint8Array(10_000)], 1);
    assert.deepEqual([...zeros], [255, 128, 128]);
    const full = estimateZeroPrior([new Uint8Array(10_000).fill(9)], 1);
    assert.deepEqual([...full], [85, 128, 1]);
  });
});
