import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HandoffJob, HandoffQueue, type LookJob } from '../../src/classifier/queue.js';

/** The `number`th handoff of a stream, which came at `sinceMs`. */
const job = (streamId: number, number: number, sinceMs = 0): HandoffJob => ({
  streamId,
  message: Uint8Array.of(number),
  resolve: () => {},
  reject: () => {},
  deaths: 0,
  sinceMs,
});
const look = (sinceMs = 0): LookJob => ({
  samples: new Int16Array(1),
  resolve: () => {},
  reject: () => {},
  deaths: 0,
  sinceMs,
});
const read = (taken: unknown) =>
  'samples' in (taken as object)
    ? 'look'
    : (taken as HandoffJob[]).map(({ streamId, message }) => `${streamId}:${message[0]}`);

describe('the queue of the classifier', () => {
  it('gives the handoffs of a stream together, in their order, and lets streams take turns', () => {
    const queue = new HandoffQueue(100);
    for (let number = 0; number < 5; number++) {
      for (const stream of [1, 2, 3]) assert.equal(queue.push(job(stream, number)), null);
    }
    queue.push(job(4, 0));
    assert.deepEqual(read(queue.take(3)), ['1:0', '1:1', '1:2']);
    assert.equal(queue.length, 13);
    assert.deepEqual(read(queue.take(6)), ['2:0', '2:1', '2:2', '2:3', '2:4', '3:0']);
    queue.push(job(1, 5));
    assert.deepEqual(read(queue.take(4)), ['4:0', '1:3', '1:4', '1:5'], 'what was left of a stream waited');
    assert.deepEqual(read(queue.take(16)), ['3:1', '3:2', '3:3', '3:4']);
    assert.deepEqual(read(queue.take(16)), []);
    assert.equal(queue.length, 0);
  });

  it('lets the oldest of all streams go when it is full', () => {
    const queue = new HandoffQueue(4);
    for (const [stream, number, ms] of [
      [1, 0, 10],
      [2, 0, 20],
      [1, 1, 30],
      [2, 1, 40],
    ])
      queue.push(job(stream, number, ms));
    assert.equal(queue.hasRoom, false);
    assert.deepEqual(read([queue.push(job(3, 0, 50))]), ['1:0']);
    assert.deepEqual(read([queue.push(job(3, 1, 60))]), ['2:0']);
    assert.deepEqual(read(queue.take(16)), ['1:1', '2:1', '3:0', '3:1']);
    assert.equal(queue.hasRoom, true);
  });

  it('gives first what a dead worker left, one by one, then second looks', () => {
    const queue = new HandoffQueue(4);
    queue.push(job(1, 2));
    queue.pushLook(look());
    queue.putBack([job(1, 0), job(1, 1)]);
    assert.equal(queue.length, 4);
    const order = [queue.take(16), queue.take(16), queue.take(16), queue.take(16)];
    assert.deepEqual(order.map(read), [['1:0'], ['1:1'], 'look', ['1:2']]);
  });

  it('takes out what has waited for too long, and keeps the order of the rest', () => {
    const queue = new HandoffQueue(8);
    queue.putBack([job(9, 0, 1)]);
    for (const [stream, number, ms] of [
      [1, 0, 10],
      [1, 1, 30],
      [2, 0, 15],
      [2, 1, 40],
      [1, 2, 50],
    ])
      queue.push(job(stream, number, ms));
    queue.pushLook(look(25));
    assert.deepEqual(
      queue.takeOlder(20).map((taken) => ('samples' in taken ? 'look' : read([taken])[0])),
      ['9:0', '1:0', '2:0'],
    );
    assert.equal(read(queue.take(16)), 'look');
    assert.deepEqual(read(queue.take(16)), ['1:1', '1:2', '2:1']);
    queue.push(job(1, 3));
    assert.deepEqual(read(queue.drain()), ['1:3']);
    assert.equal(queue.length, 0);
  });
});
