import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FrameReader,
  MAX_DATA_BYTES,
  MAX_LINE_BYTES,
  MAX_PAYLOAD_BYTES,
  type WyomingEvent,
} from '../../../src/bridges/wyoming/frames.js';
import { WakegateError } from '../../../src/errors.js';
import { malformedFrames } from '../../support/malformed-frames.js';
import { frame } from '../../support/wyoming-client.js';

const CHUNK = { rate: 16_000, width: 2, channels: 1, timestamp: 12 };
const payload = Uint8Array.from({ length: 2560 }, (_, i) => i);
const VALID = [
  frame('describe'),
  frame('detect', { names: ['alexa', 'ö'] }),
  frame('audio-start', CHUNK),
  frame('audio-chunk', CHUNK, payload),
  frame('audio-stop', { timestamp: null }),
  Buffer.from('{"type":"ping","data":{"text":"a","more":1},"data_length":12}\n{"text":"b"}'),
];

/** All events of a stream that is cut into pieces of that size, with their payloads put together. */
function readAll(bytes: Uint8Array, pieceBytes: number): (WyomingEvent & { payload: Buffer })[] {
  const reader = new FrameReader();
  const events: (WyomingEvent & { payload: Buffer })[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    for (const part of reader.read(bytes.subarray(at, at + pieceBytes))) {
      if (part instanceof Uint8Array) events.at(-1)!.payload = Buffer.concat([events.at(-1)!.payload, part]);
      else events.push({ ...part, payload: Buffer.alloc(0) });
    }
  }
  assert.equal(reader.isWithin, false);
  return events;
}

test('events are the same however their bytes are cut', () => {
  const bytes = Buffer.concat(VALID);
  const whole = readAll(bytes, bytes.length);
  assert.deepEqual(
    whole.map(({ type, data }) => ({ type, data })),
    [
      { type: 'describe', data: {} },
      { type: 'detect', data: { names: ['alexa', 'ö'] } },
      { type: 'audio-start', data: CHUNK },
      { type: 'audio-chunk', data: CHUNK },
      { type: 'audio-stop', data: { timestamp: null } },
      { type: 'ping', data: { text: 'b', more: 1 } },
    ],
  );
  assert.deepEqual(whole[3].payload, Buffer.from(payload));
  for (const pieceBytes of [1, 2, 7, 100, 2000]) assert.deepEqual(readAll(bytes, pieceBytes), whole);
});

test('data of other events than those that are wanted is skipped, whatever it is', () => {
  const reader = new FrameReader(new Set(['ping']));
  const other = Buffer.from(
    `{"type":"other","data_length":100000,"payload_length":3}\n${'x'.repeat(100_000)}abc`,
  );
  const types: string[] = [];
  for (const pieceBytes of [1000, 200_000]) {
    const bytes = Buffer.concat([other, frame('ping', { text: 'a' }), other]);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      for (const part of reader.read(bytes.subarray(at, at + pieceBytes)))
        types.push(
          part instanceof Uint8Array
            ? Buffer.from(part).toString()
            : `${part.type} ${JSON.stringify(part.data)}`,
        );
    }
    assert.equal(reader.isWithin, false);
  }
  const once = ['other {}', 'abc', 'ping {"text":"a"}', 'other {}', 'abc'];
  assert.deepEqual(types, [...once, ...once]);
});

test('what is larger than the limits is refused before it has come', () => {
  for (const bytes of [
    'x'.repeat(MAX_LINE_BYTES + 1),
    `{"type":"a","data_length":${MAX_DATA_BYTES + 1}}\n`,
    `{"type":"a","payload_length":${MAX_PAYLOAD_BYTES + 1}}\n`,
  ])
    assert.throws(() => [...new FrameReader().read(Buffer.from(bytes))], { code: 'WG_TOO_LARGE' });
});

test('a member called __proto__ changes no object', () => {
  const [event] = readAll(
    Buffer.from('{"type":"a","data":{"__proto__":{"x":1}},"data_length":21}\n{"__proto__":{"y":1}}'),
    1000,
  );
  assert.equal(Object.getPrototypeOf(event.data), Object.prototype);
  assert.equal((event.data as { x?: number }).x, undefined);
});

test('10 000 malformed frames end in errors of their own or in events', () => {
  let errors = 0;
  let events = 0;
  for (const bytes of malformedFrames(VALID, 10_000)) {
    try {
      for (const part of new FrameReader().read(bytes)) if (!(part instanceof Uint8Array)) events++;
    } catch (error) {
      assert.ok(error instanceof WakegateError, `${bytes.toString('latin1')}: ${error}`);
      assert.match(error.code, /^WG_(REQUEST_INVALID|TOO_LARGE)$/);
      errors++;
    }
  }
  assert.ok(errors > 3000 && events > 1000, `${errors} errors, ${events} events: both are tried`);
});
