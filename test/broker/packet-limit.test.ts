import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import mqtt from 'mqtt-packet';
import { PacketLimit } from '../../src/broker/packet-limit.js';

const publishOf = (bytes: number) =>
  mqtt.generate({
    cmd: 'publish',
    topic: 't',
    payload: Buffer.alloc(bytes, 'x'),
    qos: 0,
    dup: false,
    retain: false,
  });

test('packets pass that are not too long, and no others, however the bytes are cut', () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 100, max: 40_000 })), {
    maxLength: 12,
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(sizes, cuts, (payloads, pieces) => {
      const packets = payloads.map(publishOf);
      const all = Buffer.concat(packets);
      const limit = new PacketLimit(1000);
      const passed: Buffer[] = [];
      for (let at = 0, i = 0; at < all.length; i++) {
        const length = pieces[i % pieces.length];
        passed.push(...limit.push(all.subarray(at, at + length)).map((bytes) => Buffer.from(bytes)));
        at += length;
      }
      const short = packets.filter((packet) => packet.length <= 1000);
      assert.ok(Buffer.concat(passed).equals(Buffer.concat(short)));
      assert.equal(limit.leftOut, packets.length - short.length);
    }),
  );
});

test('a length that is none ends it', () => {
  const limit = new PacketLimit(1000);
  assert.throws(() => limit.push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])), /no valid length/);
});
