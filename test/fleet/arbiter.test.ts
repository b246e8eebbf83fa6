import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arbiter, type Candidate } from '../../src/fleet/arbiter.js';
import { bestOf, type Claim } from '../../src/fleet/claim.js';
import { SignalLevel } from '../../src/fleet/signal-level.js';

/** A broker's topic: everybody gets all of it, in one order. */
class Topic {
  readonly rooms = new Map<string, Arbiter>();
  readonly complaints: string[] = [];
  /** Rooms whose power is cut: they neither send nor hear. */
  readonly dead = new Set<string>();

  room(name: string, windowMs = 30): Arbiter {
    const arbiter = new Arbiter({
      satellite: name,
      room: name.toUpperCase(),
      windowMs,
      send: (payload) => !this.dead.has(name) && queueMicrotask(() => this.say(payload)),
      isUp: () => true,
      isAlone: () => this.rooms.size === 1,
      now: () => 0,
      complaints: { add: (_kind, sentence) => this.complaints.push(sentence) },
    });
    this.rooms.set(name, arbiter);
    return arbiter;
  }

  say(payload: string): void {
    for (const [name, room] of this.rooms) if (!this.dead.has(name)) room.take(Buffer.from(payload));
  }
}

const heard = (snrDb: number, keyword = 'alexa'): Candidate => ({ keyword, snrDb, score: 0.9, gate: 0.9 });

/** Timers of the arbiter keep no process alive. */
const alive = setInterval(() => {}, 1 << 30);
test.after(() => clearInterval(alive));

test('of the rooms that hear a word, the one with the best signal answers, and all agree', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: -10, max: 40 }), { minLength: 2, maxLength: 5 }),
      async (levels) => {
        const topic = new Topic();
        const rooms = levels.map((_, i) => topic.room(`room${i}`));
        const judged = await Promise.all(rooms.map((room, i) => room.decide(heard(levels[i]))));
        const best = levels.indexOf(Math.max(...levels));
        assert.deepEqual(
          judged.map(({ answers }) => answers),
          levels.map((_, i) => i === best),
        );
        assert.ok(
          judged.every(({ room, rooms: count }) => room === `ROOM${best}` && count === levels.length),
        );
      },
    ),
    { numRuns: 20 },
  );
});

test('one that hears it late is outvoted, even where it hears it best', async () => {
  const topic = new Topic();
  const [kitchen, hall] = [topic.room('kitchen'), topic.room('hall')];
  assert.equal((await kitchen.decide(heard(10))).answers, true);
  const late = await hall.decide(heard(30));
  assert.deepEqual([late.answers, late.room], [false, 'KITCHEN']);
});

test('a room that hears a word again has heard it said again', async () => {
  const topic = new Topic();
  const [kitchen, hall] = [topic.room('kitchen'), topic.room('hall')];
  for (const levels of [
    [10, 30],
    [30, 10],
  ]) {
    const judged = await Promise.all([kitchen.decide(heard(levels[0])), hall.decide(heard(levels[1]))]);
    assert.deepEqual(
      judged.map(({ answers }) => answers),
      [levels[0] > levels[1], levels[1] > levels[0]],
    );
  }
});

test('different words are different events', async () => {
  const topic = new Topic();
  const [kitchen, hall] = [topic.room('kitchen'), topic.room('hall')];
  const judged = await Promise.all([kitchen.decide(heard(10, 'alexa')), hall.decide(heard(30, 'jarvis'))]);
  assert.deepEqual(
    judged.map(({ answers }) => answers),
    [true, true],
  );
});

test('where the room that was to say who answers is gone, the next one does', async () => {
  const topic = new Topic();
  const [kitchen, hall] = [topic.room('kitchen'), topic.room('hall')];
  void kitchen.decide(heard(10));
  const judged = hall.decide(heard(30));
  await Promise.resolve();
  topic.dead.add('kitchen');
  assert.equal((await judged).answers, true);
});

test('what is neither a claim nor a verdict is complained about, and changes nothing', async () => {
  const topic = new Topic();
  const kitchen = topic.room('kitchen');
  const judged = kitchen.decide(heard(10));
  for (const bad of ['', '{', '[]', '{"kind":"claim"}', '{"kind":"verdict","keyword":"alexa"}'])
    topic.say(bad);
  topic.say(
    JSON.stringify({
      kind: 'verdict',
      keyword: 'alexa',
      event: 'nobody/1',
      winner: 'x',
      satellite: 'x',
      room: 'X',
    }),
  );
  assert.equal((await judged).answers, true);
  assert.equal(topic.complaints.length, 5);
});

test('of equals, everyone chooses the same', () => {
  const claims = ['b', 'a', 'c'].map((satellite): Claim => {
    return { kind: 'claim', id: satellite, satellite, room: satellite, ...heard(10) };
  });
  assert.equal(bestOf(claims).satellite, 'a');
  assert.equal(bestOf(claims.reverse()).satellite, 'a');
});

test('the level of a word is held against the noise before it, whatever the gain', () => {
  let state = 1;
  const noise = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    return (state & 0xffff) / 32_768 - 1;
  };
  const levelOf = (gain: number, wordDb: number) => {
    const level = new SignalLevel();
    const samples = Int16Array.from({ length: 6 * 16_000 }, (_, i) => {
      const isWord = i > 5 * 16_000 && i < 5.6 * 16_000;
      return gain * noise() * (isWord ? Math.sqrt(1 + 10 ** (wordDb / 10)) : 1);
    });
    for (let at = 0; at < samples.length; at += 1000) level.hear(samples.subarray(at, at + 1000), at);
    return level.overNoiseDb(samples.length);
  };
  for (const wordDb of [0, 10, 20]) {
    assert.ok(Math.abs(levelOf(300, wordDb) - wordDb) < 1.5, `${wordDb} dB`);
    assert.ok(Math.abs(levelOf(300, wordDb) - levelOf(100, wordDb)) < 0.5);
  }
});
