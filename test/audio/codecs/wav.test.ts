import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from '../../../src/audio/codecs/byte-reader.js';
import { decodeWav, writeWav } from '../../../src/audio/codecs/wav.js';
import { WakegateError } from '../../../src/errors.js';
import { tone, voice } from '../../support/signals.js';
import { chunk, fmt, type Layout, riff, sampleBytes, wavBytes } from '../../support/wav-bytes.js';

const PCM16: Layout = { tag: 1, bits: 16, rate: 16_000, channels: 1 };

const CONTEXT = {
  name: 'x.wav',
  channel: 0,
  onFreed: () => {},
  onCut: (sentence: string) => {
    throw new WakegateError('WG_AUDIO_INVALID', sentence);
  },
};

/** Feeds the bytes in pieces and gives all samples, with the rate. */
async function decode(bytes: Uint8Array, pieceBytes = 1000): Promise<{ samples: number[]; rate: number }> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  const samples: number[] = [];
  let rate = 0;
  for await (const block of decodeWav(new ByteReader(pieces()), CONTEXT)) {
    samples.push(...block.samples);
    rate = block.rate;
  }
  return { samples, rate };
}

function fault(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof WakegateError && error.code === code && message.test(error.message);
}

for (const [tag, bits] of [
  [1, 8],
  [1, 16],
  [1, 24],
  [1, 32],
  [3, 32],
  [3, 64],
] as const) {
  for (const channels of [1, 2, 6]) {
    for (const extensible of [false, true]) {
      const kind = `${bits}-bit ${tag === 3 ? 'float' : 'PCM'}, ${channels} channels${extensible ? ', extensible' : ''}`;
      test(`reads ${kind}, and averages the channels`, async () => {
        const layout: Layout = { tag, bits, rate: 22_050, channels, extensible };
        const mono = tone(440, 22_050, 0.05);
        // Channels that differ, with `mono` as their mean.
        const interleaved = Array.from({ length: mono.length * channels }, (_, i) => {
          const spread = channels === 1 ? 0 : ((i % channels) / (channels - 1) - 0.5) * 0.4;
          return mono[Math.floor(i / channels)] + spread;
        });
        const { samples, rate } = await decode(wavBytes(interleaved, layout), 37);
        assert.equal(rate, 22_050);
        assert.equal(samples.length, mono.length);
        const tolerance = bits === 8 ? 1 / 100 : 1 / 16_000;
        for (let i = 0; i < mono.length; i++)
          assert.ok(Math.abs(samples[i] - mono[i]) < tolerance, `sample ${i}`);
      });
    }
  }
}

test('full scale reaches both ends, in every width', async () => {
  for (const [bits, low, high] of [
    [8, '00', 'ff'],
    [16, '0080', 'ff7f'],
    [24, '000080', 'ffff7f'],
    [32, '00000080', 'ffffff7f'],
  ] as const) {
    const layout: Layout = { ...PCM16, bits };
    const { samples } = await decode(riff([fmt(layout), chunk('data', Buffer.from(low + high, 'hex'))]));
    assert.equal(samples[0], -1);
    assert.ok(samples[1] > 0.99 && samples[1] <= 1);
  }
});

test('floats that are no sound become silence', async () => {
  const layout: Layout = { tag: 3, bits: 64, rate: 8000, channels: 1 };
  const { samples } = await decode(wavBytes([Number.NaN, Number.POSITIVE_INFINITY, 1e300, 0.25], layout));
  assert.deepEqual(samples, [0, 0, 0, 0.25]);
});

test('chunks of unknown kinds and odd lengths are passed over, before and after the samples', async () => {
  const data = chunk('data', sampleBytes([0.5, -0.5], PCM16));
  const odd = chunk('LIST', Buffer.from('odd'));
  const file = riff([chunk('junk', Buffer.alloc(7)), fmt(PCM16), odd, data, odd]);
  assert.equal((await decode(file, 3)).samples.length, 2);
});

test('a size that a streaming writer could not fill in means "until the end"', async () => {
  const body = sampleBytes(new Float32Array(5000), PCM16);
  for (const [declared, size] of [
    [0xffffffff, 0xffffffff],
    [0, 0],
    [0, 36],
    [0, 10_036],
    [0x7fffff00, 0x7fffff24],
  ]) {
    const file = riff([fmt(PCM16), chunk('data', body, declared)], { size });
    assert.equal((await decode(file)).samples.length, 5000, `data size ${declared}`);
  }
});

test('an empty data chunk with other chunks after it stays empty', async () => {
  const file = riff([fmt(PCM16), chunk('data', Buffer.alloc(0)), chunk('LIST', Buffer.alloc(400))]);
  assert.equal((await decode(file)).samples.length, 0);
});

test('RF64 takes the size from its ds64 chunk', async () => {
  const body = sampleBytes(new Float32Array(3000), PCM16);
  const ds64 = Buffer.alloc(28);
  ds64.writeBigUInt64LE(6000n, 8);
  const unknown = 0xffffffff;
  const chunks = [
    chunk('ds64', ds64),
    fmt(PCM16),
    chunk('data', body, unknown),
    chunk('LIST', Buffer.alloc(8)),
  ];
  assert.equal((await decode(riff(chunks, { id: 'RF64', size: unknown }))).samples.length, 3000);

  ds64.writeBigUInt64LE(9000n, 8);
  const cut = [chunk('ds64', ds64), fmt(PCM16), chunk('data', body, unknown)];
  await assert.rejects(
    decode(riff(cut, { id: 'RF64', size: unknown })),
    fault('WG_AUDIO_INVALID', /6000 of 9000 bytes/),
  );
});

test('a data chunk that is shorter than declared is reported, with both sizes', async () => {
  const whole = writeWav(voice(16_000, 0.5), 16_000);
  await assert.rejects(
    decode(whole.subarray(0, 5044)),
    fault('WG_AUDIO_INVALID', /x\.wav .*5000 of 16000 bytes/),
  );
});

test('wherever a file is cut, the error is WG_AUDIO_INVALID and no sample is made up', async () => {
  const samples = voice(16_000, 0.1);
  const whole = writeWav(samples, 16_000);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 4096 }),
      async (cut, piece) => {
        await assert.rejects(decode(whole.subarray(0, cut), piece), fault('WG_AUDIO_INVALID', /cut off/));
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever bytes are altered, the outcome is samples or a WakegateError', async () => {
  const whole = riff([
    fmt({ ...PCM16, extensible: true }),
    chunk('data', sampleBytes(new Float32Array(200), PCM16)),
  ]);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 79 }), fc.integer({ min: 0, max: 255 }), async (at, value) => {
      const altered = Buffer.from(whole);
      altered[at] = value;
      try {
        await decode(altered);
      } catch (error) {
        assert.ok(error instanceof WakegateError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('what writeWav writes reads back bit by bit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -32_768, max: 32_767 })), async (values) => {
      const { samples } = await decode(writeWav(Int16Array.from(values), 16_000), 11);
      assert.deepEqual(
        samples.map((sample) => sample * 32_768),
        values,
      );
    }),
  );
});

test('compressed codecs are named', async () => {
  for (const [tag, name] of [
    [0x0011, /IMA ADPCM/],
    [0x0007, /mu-law/],
    [0x0055, /MP3/],
    [0x1234, /codec 0x1234/],
  ] as const) {
    const format = fmt(PCM16);
    format.writeUInt16LE(tag, 8);
    await assert.rejects(
      decode(riff([format, chunk('data', Buffer.alloc(4))])),
      fault('WG_AUDIO_UNSUPPORTED', name),
    );
  }
});

test('headers that contradict themselves are refused', async () => {
  const data = chunk('data', Buffer.alloc(8));
  const altered = (at: number, value: number): Buffer => {
    const format = fmt(PCM16);
    format.writeUInt16LE(value, 8 + at);
    return riff([format, data]);
  };
  const cases: readonly [Buffer, string, RegExp][] = [
    [altered(2, 0), 'WG_AUDIO_INVALID', /0 channels/],
    [altered(4, 0), 'WG_AUDIO_INVALID', /0 Hz/],
    [altered(12, 3), 'WG_AUDIO_INVALID', /3 bytes a frame/],
    [altered(14, 40), 'WG_AUDIO_UNSUPPORTED', /40-bit/],
    [riff([data, fmt(PCM16)]), 'WG_AUDIO_INVALID', /before its fmt chunk/],
    [riff([chunk('fmt ', Buffer.alloc(12)), data]), 'WG_AUDIO_INVALID', /fmt chunk of 12 bytes/],
    [riff([chunk('fmt ', Buffer.alloc(4), 1e9), data]), 'WG_AUDIO_INVALID', /1000000000 bytes/],
    [chunk('RIFF', Buffer.from('AVI LIST')), 'WG_AUDIO_INVALID', /does not hold WAVE/],
  ];
  for (const [file, code, message] of cases) await assert.rejects(decode(file), fault(code, message));
});

test('24 bits in four bytes without an extensible header are found in the upper or the lower three', async () => {
  const mono = tone(440, 16_000, 0.05);
  for (const shift of [0, 8]) {
    const data = Buffer.alloc(4 * mono.length);
    for (const [i, sample] of mono.entries()) {
      data.writeInt32LE((Math.round(sample * 8_388_607) << shift) >> 0, 4 * i);
    }
    const header = fmt({ tag: 1, bits: 32, rate: 16_000, channels: 1 });
    header.writeUInt16LE(24, 8 + 14);
    const { samples } = await decode(riff([header, chunk('data', data)]), 8192);
    for (let i = 0; i < mono.length; i++) assert.ok(Math.abs(samples[i] - mono[i]) < 1e-6, `shift ${shift}`);
  }
});
