import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBytes } from '../../../src/audio/codecs/decode.js';
import { WakegateError } from '../../../src/errors.js';
import { block, webm } from '../../support/webm-bytes.js';

/** Opus packets of 20 ms whose bytes are noise, as a range coder makes sound of any bytes; the byte before says mono, and how long. */
const packets = [40, 300, 41, 1000, 90].map((length, n) =>
  Uint8Array.from({ length }, (_, i) => (i === 0 ? 0xf8 : (i * 37 + n * 101) % 251)),
);

async function decoded(file: Buffer): Promise<number[]> {
  async function* whole() {
    yield file;
  }
  const samples: number[] = [];
  for await (const { samples: some } of decodeBytes(whole(), 'x')) samples.push(...some);
  return samples;
}

const alone = await decoded(webm(packets.map((packet) => block(0, packet))));

test('packets are decoded, one in each block', () => {
  assert.equal(alone.length, packets.length * 320);
  assert.ok(alone.some((sample) => Math.abs(sample) > 0.001));
});

test('packets that share a block give the same sound, in all three ways of lacing', async () => {
  const count = Uint8Array.of(packets.length - 1);
  const xiph = Uint8Array.of(40, 255, 45, 41, 255, 255, 255, 235);
  assert.deepEqual(await decoded(webm([block(0x02, count, xiph, ...packets)])), alone);
  // 40 in one byte; then differences of 260, -259 and 959, each moved by 2^13 - 1.
  const ebml = Uint8Array.of(
    0x80 | 40,
    ...[260, -259, 959].flatMap((by) => [0x40 | ((by + 8191) >> 8), (by + 8191) & 0xff]),
  );
  assert.deepEqual(await decoded(webm([block(0x06, count, ebml, ...packets)])), alone);
  const same = packets.map((packet) => packet.slice(0, 40));
  const apart = await decoded(webm(same.map((packet) => block(0, packet))));
  assert.deepEqual(await decoded(webm([block(0x04, count, ...same)])), apart);
});

test('sizes that do not fit into their block are damage', async () => {
  const damaged = [
    block(0x02, Uint8Array.of(3, 255, 255)),
    block(0x02, Uint8Array.of(1, 200), packets[0]),
    block(0x04, Uint8Array.of(6), packets[0]),
    block(0x06, Uint8Array.of(1, 0)),
    block(0x06, Uint8Array.of(2, 0x81, 0x80), packets[0]),
    block(0x06),
  ];
  for (const bad of damaged) {
    await assert.rejects(
      decoded(webm([block(0, packets[0]), bad])),
      (error) =>
        error instanceof WakegateError &&
        error.code === 'WG_AUDIO_INVALID' &&
        /do not fit/.test(error.message),
    );
  }
});

test('tracks without sound are refused when there are many, each of which would take a decoder', async () => {
  await assert.rejects(
    decoded(webm([], 3000)),
    (error) => error instanceof WakegateError && /tracks have no sound/.test(error.message),
  );
});
