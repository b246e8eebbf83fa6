import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Muting } from '../../src/daemon/muting.js';
import type { InputStatus } from '../../src/protocol/index.js';

/** An input that only notes whether it is muted. */
function mutingOf(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const input = {
    status: { name: 'mic', state: 'listening', reason: null, problem: null } as InputStatus,
    mute: async () => {
      input.status = { ...input.status, state: 'muted' };
    },
    unmute: () => {
      input.status = { ...input.status, state: 'listening' };
    },
  };
  const muting = new Muting(input);
  t.after(() => muting.close());
  return { muting, isMuted: () => input.status.state === 'muted' };
}

const hoursUntil = (iso: string | null) => Math.round((Date.parse(iso!) - Date.now()) / 3_600_000);

test('a player that ends does not unmute what people have muted', async (t) => {
  const { muting, isMuted } = mutingOf(t);
  assert.equal((await muting.mute(null)).mutedUntil, null);
  await muting.mute(3600, 'radio');
  assert.equal(muting.status().mutedUntil, null, 'people have set no end');
  assert.equal(muting.unmute('radio').muted, true);
  assert.equal(muting.unmute('radio').muted, true, 'twice is the same');
  assert.ok(isMuted());
  assert.equal(muting.unmute().muted, false);
});

test('a mute that ends by itself leaves those of others', async (t) => {
  const { muting, isMuted } = mutingOf(t);
  await muting.mute(60, 'radio');
  await muting.mute(7200, 'film');
  assert.equal(hoursUntil(muting.status().mutedUntil), 2, 'the last one counts');
  t.mock.timers.tick(60_000);
  assert.ok(isMuted());
  await muting.mute(10_800, 'film');
  assert.equal(hoursUntil(muting.status().mutedUntil), 3, 'again is longer');
  t.mock.timers.tick(7_200_000);
  assert.ok(isMuted(), 'the earlier end does not count');
  t.mock.timers.tick(3_600_000);
  assert.ok(!isMuted());
  assert.deepEqual(muting.status(), { muted: false, mutedUntil: null });
});

test('unmuting without a name ends what everybody wants', async (t) => {
  const { muting, isMuted } = mutingOf(t);
  await muting.mute(60, 'radio');
  await muting.mute(60, 'film');
  muting.unmute('somebody');
  assert.ok(isMuted());
  muting.unmute();
  assert.ok(!isMuted());
  t.mock.timers.tick(60_000);
  assert.ok(!isMuted());
});

test('only so many others may mute at a time, and people always may', async (t) => {
  const { muting } = mutingOf(t);
  for (let i = 0; i < 16; i++) await muting.mute(60, `player-${i}`);
  await assert.rejects(muting.mute(60, 'one-more'), { code: 'WG_BUSY' });
  await muting.mute(120, 'player-3');
  assert.equal((await muting.mute(null)).mutedUntil, null);
});
