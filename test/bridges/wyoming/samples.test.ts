import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampleWidth } from '../../../src/bridges/wyoming/samples.js';

const VALUES = [0, 1, -1, 127, -128, 32_767, -32_768, 12_345, -12_345];

/** As Node itself writes them. */
function written(width: number): Buffer {
  const bytes = Buffer.alloc(VALUES.length * width);
  for (const [i, value] of VALUES.entries()) {
    if (width === 1) bytes.writeInt8(value >> 8, i);
    else bytes.writeIntLE(value * 2 ** (8 * (width - 2)), i * width, width);
  }
  return bytes;
}

test('samples of 1 to 4 bytes become s16le, however they are cut', () => {
  for (const width of [1, 2, 3, 4]) {
    const expected = width === 1 ? VALUES.map((value) => (value >> 8) * 256) : VALUES;
    for (const pieceBytes of [1, 2, 5, 100]) {
      const samples = new SampleWidth(width);
      const bytes = written(width);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += pieceBytes)
        pieces.push(samples.toInt16(bytes.subarray(at, at + pieceBytes)));
      const out = Buffer.concat(pieces);
      assert.deepEqual(
        VALUES.map((_, i) => out.readInt16LE(2 * i)),
        expected,
        `${width} bytes, pieces of ${pieceBytes}`,
      );
    }
  }
});
