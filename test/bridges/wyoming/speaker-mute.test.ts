import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakerMute } from '../../../src/bridges/wyoming/speaker-mute.js';
import type { Service } from '../../../src/service.js';

/** A microphone whose muting takes a while, and what was done to it. */
class Microphone {
  state = 'listening';
  mutedUntil: string | null = null;
  readonly done: string[] = [];

  readonly status = () => ({ input: { state: this.state, mutedUntil: this.mutedUntil } });

  async mute(seconds: number | null) {
    this.mutedUntil = seconds === null ? null : `${seconds} s, as asked ${this.done.length}`;
    this.done.push(`mute ${seconds}`);
    await new Promise((resolve) => setImmediate(resolve));
    this.state = 'muted';
    return { muted: true, mutedUntil: this.mutedUntil };
  }

  unmute() {
    this.done.push('unmute');
    this.state = 'listening';
    this.mutedUntil = null;
  }
}

function setUp() {
  const microphone = new Microphone();
  return { microphone, speaker: new SpeakerMute(microphone as unknown as Service) };
}

test('it is muted while any satellite plays', async () => {
  const { microphone, speaker } = setUp();
  const [kitchen, hall] = [{}, {}];
  speaker.begin(kitchen);
  speaker.begin(hall);
  speaker.end(kitchen);
  await speaker.settled();
  assert.equal(microphone.state, 'muted');
  speaker.end(hall);
  speaker.end(hall);
  await speaker.settled();
  assert.equal(microphone.done.filter((what) => what === 'unmute').length, 1);
  assert.equal(microphone.state, 'listening');
});

test('an end that comes before it is muted is not overtaken', async () => {
  const { microphone, speaker } = setUp();
  const kitchen = {};
  speaker.begin(kitchen);
  speaker.end(kitchen);
  await speaker.settled();
  assert.equal(microphone.state, 'listening');
});

test('what someone else has muted, before or meanwhile, stays so', async () => {
  const { microphone, speaker } = setUp();
  const kitchen = {};
  await microphone.mute(null);
  speaker.begin(kitchen);
  speaker.end(kitchen);
  await speaker.settled();
  assert.deepEqual([microphone.state, microphone.done], ['muted', ['mute null']]);

  microphone.unmute();
  speaker.begin(kitchen);
  await speaker.settled();
  await microphone.mute(3600);
  speaker.end(kitchen);
  await speaker.settled();
  assert.equal(microphone.state, 'muted');
});
