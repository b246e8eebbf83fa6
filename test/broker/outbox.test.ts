import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from '../../src/broker/outbox.js';

const message = (topic: string, more: object = {}) => ({ topic, payload: topic, ...more });
const topicsOf = (outbox: Outbox) => {
  const topics: string[] = [];
  for (let next = outbox.take(); next; next = outbox.take()) topics.push(next.message.topic);
  return topics;
};

test('messages come out in the order in which they went in', () => {
  const outbox = new Outbox({ most: 10 });
  for (const topic of ['a', 'b', 'c']) outbox.add(message(topic));
  assert.deepEqual(topicsOf(outbox), ['a', 'b', 'c']);
  assert.equal(outbox.take(), undefined);
  assert.equal(outbox.dropped, 0);
});

test('a state takes the place of the one before it', () => {
  const outbox = new Outbox({ most: 10 });
  outbox.add({ topic: 'state', payload: 'old', replaces: true });
  outbox.add(message('event'));
  outbox.add({ topic: 'state', payload: 'new', replaces: true });
  assert.equal(outbox.size, 2);
  assert.equal(outbox.take()!.message.payload, 'new');
});

test('the oldest are dropped where there are too many, and counted', () => {
  const outbox = new Outbox({ most: 3 });
  for (const topic of ['a', 'b', 'c', 'd', 'e']) outbox.add(message(topic));
  assert.equal(outbox.dropped, 2);
  assert.deepEqual(topicsOf(outbox), ['c', 'd', 'e']);
});

test('what is too old can be dropped, and counted, before anything is sent', () => {
  let nowMs = 0;
  const outbox = new Outbox({ most: 10, now: () => nowMs });
  outbox.add(message('word', { livesMs: 1000 }));
  outbox.add(message('later', { livesMs: 5000 }));
  outbox.add(message('state'));
  nowMs = 1000;
  outbox.expire();
  assert.deepEqual([outbox.size, outbox.dropped], [2, 1]);
});

test('a message that is too old is dropped, however often it was tried before', () => {
  let nowMs = 0;
  const outbox = new Outbox({ most: 10, now: () => nowMs });
  outbox.add(message('word', { livesMs: 1000 }));
  outbox.add(message('later', { livesMs: 5000 }));
  nowMs = 900;
  const sent = outbox.take()!;
  assert.equal(sent.message.topic, 'word');
  outbox.lost([sent]);
  nowMs = 1001;
  assert.deepEqual(topicsOf(outbox), ['later']);
  assert.equal(outbox.dropped, 1);
});

test('with the connection goes what is published again after the next one', () => {
  const outbox = new Outbox({ most: 10 });
  outbox.add(message('state', { retain: true, replaces: true }));
  outbox.add(message('word', { livesMs: 10_000 }));
  const unanswered = [
    { message: message('sent word', { livesMs: 10_000 }), endsMs: performance.now() + 10_000 },
    { message: message('sent state'), endsMs: Number.POSITIVE_INFINITY },
  ];
  outbox.lost(unanswered);
  assert.deepEqual(topicsOf(outbox), ['sent word', 'word']);
});
