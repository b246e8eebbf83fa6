import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  SupervisedMicrophone,
  type SupervisedMicrophoneOptions,
} from '../../../src/audio/microphone/supervised-microphone.js';
import { fakeRecorders, programsOnPath } from '../../support/fake-recorder.js';
import { s16le, voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const spoken = voice(16_000, 0.4);
const RAW = join(folder, 'spoken.raw');
writeFileSync(RAW, s16le(spoken));
const SILENT = join(folder, 'silent.raw');
writeFileSync(SILENT, s16le(new Int16Array(6 * 16_000)));

const QUICK: SupervisedMicrophoneOptions = {
  firstRetryMs: 5,
  longestRetryMs: 20,
  startTimeoutMs: 20_000,
  dataTimeoutMs: 300,
};

const PLAY = `/bin/cat "${RAW}"`;

/** Ways to die after having given sound, and what is then said of them. */
const DEATHS: readonly { readonly script: string; readonly says: RegExp }[] = [
  { script: `${PLAY}; exit 0`, says: /^arecord ended with code 0/ },
  { script: `${PLAY}; exit 1`, says: /^arecord ended with code 1/ },
  { script: `${PLAY}; kill -9 $$`, says: /^arecord was ended by SIGKILL/ },
  { script: `${PLAY}; exec /bin/sleep 100`, says: /^arecord has stopped giving samples/ },
  {
    script: `${PLAY}; printf '\\377\\0\\033[2J%%s' >&2; exit 3`,
    says: /^arecord ended with code 3; it said: /,
  },
  {
    script: `${PLAY}; echo 'arecord: pcm_read:2221: read error: No such device' >&2; exit 1`,
    says: /^the device was unplugged: arecord ended with code 1/,
  },
];

/** An arecord that dies of each cause in turn, over and over. */
function mortalRecorder(t: TestContext, deaths: readonly string[]): string {
  const count = join(folder, `count-${Math.random()}`);
  writeFileSync(count, '0\n');
  const cases = deaths.map((script, i) => `${i}) ${script} ;;`).join('\n');
  const arecord = `#!/bin/sh
read n < "${count}"
echo $((n + 1)) > "${count}"
case $((n % ${deaths.length})) in
${cases}
esac
`;
  return join(programsOnPath(t, folder, { arecord }), 'arecord');
}

function heldResources(): number {
  const kinds = ['ProcessWrap', 'PipeWrap', 'Timeout'];
  return process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind)).length;
}

test('of thirty deaths of six kinds each is reported and healed, and all sound between them is heard', {
  timeout: 120_000,
}, async (t) => {
  mortalRecorder(
    t,
    DEATHS.map(({ script }) => script),
  );
  await sleep(50);
  const before = heldResources();
  const microphone = new SupervisedMicrophone(QUICK);
  const told: string[] = [];
  const reasons: string[] = [];
  microphone.on('listening', () => told.push('listening'));
  microphone.on('restored', () => told.push('restored'));
  microphone.on('lost', ({ message }, retryMs) => {
    told.push('lost');
    reasons.push(message);
    assert.ok(retryMs >= 5 && retryMs <= 20, `${retryMs}`);
  });
  const lives: number[][] = [];
  let next = -1;
  for await (const { samples, startSample } of microphone) {
    // Each life begins after a gap, and has no other.
    if (startSample !== next) {
      assert.ok(startSample > next);
      if (lives.length === 30) break;
      lives.push([]);
    }
    lives.at(-1)!.push(...samples);
    next = startSample + samples.length;
  }
  assert.deepEqual(told, ['listening', ...Array(30).fill(['lost', 'restored']).flat()]);
  for (const [i, reason] of reasons.entries()) assert.match(reason, DEATHS[i % DEATHS.length].says);
  for (const heard of lives) assert.deepEqual(heard, [...spoken]);
  await sleep(10); // closed handles are gone a turn of the loop later
  assert.equal(heldResources(), before);
});

test('a busy device and a missing program are waited for', { timeout: 60_000 }, async (t) => {
  const busy = "echo 'arecord: main:831: audio open error: Device or resource busy' >&2; exit 1";
  const program = mortalRecorder(t, [busy, busy, PLAY]);
  const microphone = new SupervisedMicrophone(QUICK);
  const reasons: string[] = [];
  microphone.on('lost', ({ message }) => {
    reasons.push(message);
    if (reasons.length === 3) renameSync(program, `${program}-away`);
    if (reasons.length === 5) renameSync(`${program}-away`, program);
    if (reasons.length === 8) void microphone.close();
  });
  let heard = 0;
  for await (const { samples } of microphone) heard += samples.length;
  assert.equal(heard, 2 * spoken.length);
  const isBusy = /^the device is busy: another program is using it: arecord ended/;
  const isMissing = /no program that records/;
  const ended = /^arecord ended with code 0/;
  for (const [i, says] of [isBusy, isBusy, ended, isMissing, isMissing, isBusy, isBusy, ended].entries()) {
    assert.match(reasons[i], says);
  }
});

test('no recorder from the start does not fix itself', async (t) => {
  programsOnPath(t, folder, {});
  const microphone = new SupervisedMicrophone(QUICK);
  await assert.rejects(microphone[Symbol.asyncIterator]().next(), { code: 'WG_RECORDER_MISSING' });
});

test('it can be closed while it is lost, and waits no longer', { timeout: 30_000 }, async (t) => {
  mortalRecorder(t, ['exit 1']);
  const microphone = new SupervisedMicrophone({ ...QUICK, firstRetryMs: 600_000, longestRetryMs: 600_000 });
  microphone.on('lost', () => setTimeout(() => microphone.close(), 10));
  for await (const _ of microphone) assert.fail('there is no sound');
});

test('while it is muted no recorder runs and nothing is reported; then it listens again, after a gap', {
  timeout: 30_000,
}, async (t) => {
  const runs = join(folder, 'runs');
  const { arecord } = fakeRecorders(t, folder, {
    arecord: `fs.appendFileSync(${JSON.stringify(runs)}, 'run '); play(${JSON.stringify(RAW)}); stay();`,
  });
  const microphone = new SupervisedMicrophone({ ...QUICK, dataTimeoutMs: 20_000 });
  const told: string[] = [];
  let runsUntilUnmuted = '';
  for (const event of ['listening', 'restored', 'lost'] as const) {
    microphone.on(event, () => told.push(event));
  }
  const starts: number[] = [];
  let next = -1;
  for await (const { samples, startSample } of microphone) {
    if (startSample !== next) starts.push(startSample);
    next = startSample + samples.length;
    if (next - starts.at(-1)! < spoken.length) continue;
    if (starts.length === 2) break;
    await microphone.mute();
    assert.ok(!arecord.isRunning());
    setTimeout(() => {
      runsUntilUnmuted = readFileSync(runs, 'utf8');
      microphone.unmute();
    }, 300);
  }
  assert.equal(runsUntilUnmuted, 'run ');
  assert.deepEqual(told, ['listening', 'listening']);
  assert.ok(starts[1] > spoken.length, `${starts}`);
  assert.ok(!arecord.isRunning());
});

test('muted while it is lost, it waits for no attempt once it is unmuted', { timeout: 30_000 }, async (t) => {
  mortalRecorder(t, [`${PLAY}; exit 1`]);
  const microphone = new SupervisedMicrophone({ ...QUICK, firstRetryMs: 600_000, longestRetryMs: 600_000 });
  const told: string[] = [];
  microphone.on('restored', () => told.push('restored'));
  microphone.on('listening', () => told.push('listening'));
  microphone.on('lost', () => {
    told.push('lost');
    if (told.length === 4) void microphone.close();
    else void microphone.mute().then(() => setTimeout(() => microphone.unmute(), 10));
  });
  for await (const _ of microphone);
  assert.deepEqual(told, ['listening', 'lost', 'listening', 'lost']);
});

test('it can be closed while it is muted', { timeout: 30_000 }, async (t) => {
  fakeRecorders(t, folder, { arecord: 'stay();' });
  const microphone = new SupervisedMicrophone(QUICK);
  await microphone.mute();
  setTimeout(() => microphone.close(), 10);
  for await (const _ of microphone) assert.fail('there is no sound');
});

test('the time that was lost is missing from the numbers', { timeout: 30_000 }, async (t) => {
  mortalRecorder(t, [`${PLAY}; exit 1`]);
  const microphone = new SupervisedMicrophone({ ...QUICK, firstRetryMs: 600, longestRetryMs: 600 });
  const starts: number[] = [];
  let ends = 0;
  let wallMs = 0;
  for await (const { samples, startSample } of microphone) {
    if (startSample !== ends) {
      starts.push(startSample);
      // The clock keeps running over the gap.
      assert.ok(microphone.clock.wallMs(startSample) > wallMs);
    }
    ends = startSample + samples.length;
    wallMs = microphone.clock.wallMs(ends);
    if (starts.length === 1) break;
  }
  // Sounds that come 600 ms apart, the second one 400 ms long by then.
  assert.ok(starts[0] - spoken.length >= 0.2 * 16_000, `${starts[0]}`);
});

test('a bad signal is reported, and when it is over', { timeout: 30_000 }, async (t) => {
  const speech = join(folder, 'speech.raw');
  writeFileSync(speech, s16le(voice(16_000, 6)));
  mortalRecorder(t, [`/bin/cat "${SILENT}" "${speech}" "${speech}"; exec /bin/sleep 100`]);
  const microphone = new SupervisedMicrophone({ ...QUICK, dataTimeoutMs: 20_000 });
  const told: (string | null)[] = [];
  microphone.on('problem', (problem) => {
    told.push(problem);
    if (problem === null) void microphone.close();
  });
  for await (const _ of microphone);
  assert.match(told[0]!, /zeros/);
  assert.equal(told[1], null);
});
