import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import type { Status } from '../../src/protocol/index.js';
import { fakeRecorders } from '../support/fake-recorder.js';
import { s16le, voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { type LogLine, WakegateProcess } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const raw = join(folder, 'voice.raw');
const settings = join(folder, 'settings.json');

before(async () => {
  await makeTinyPack(pack);
  writeFileSync(raw, s16le(voice(16_000, 0.08)));
});

const write = (config: object) => writeFileSync(settings, JSON.stringify(config));

/** A daemon that hears a microphone, and a way to have it reload and to get what it then says. */
async function started(t: TestContext): Promise<[WakegateProcess, (says: RegExp) => Promise<LogLine>]> {
  // One piece every 80 ms, each of the same length, for ever.
  fakeRecorders(t, folder, { arecord: `setInterval(() => play(${JSON.stringify(raw)}), 80);` });
  write({ keywords: { one: { threshold: 0.5 } } });
  const args = [
    'run',
    '--config',
    settings,
    '--model',
    pack,
    '--port',
    '0',
    '--input',
    'mic',
    '--backend',
    'wasm',
  ];
  const daemon = new WakegateProcess(t, args);
  await daemon.logLine(({ msg }) => msg.startsWith('Listening to'));
  const reload = (says: RegExp) => {
    daemon.child.kill('SIGHUP');
    return daemon.logLine(({ msg }) => says.test(msg));
  };
  return [daemon, reload];
}

async function statusOf(daemon: WakegateProcess): Promise<Status> {
  return (await (await fetch(`${await daemon.url()}/v1/status`)).json()) as Status;
}

test('SIGHUP takes new settings while listening continues: no gap, no restart, no other process', {
  timeout: 60_000,
}, async (t) => {
  const [daemon, reload] = await started(t);
  write({ keywords: { one: { threshold: 0.25, label: 'Uno' } }, gainDb: 6, idleSeconds: 3 });
  await reload(/^Reloaded: idleSeconds, gainDb, keywords changed$/);
  const { keywords, input } = await statusOf(daemon);
  const one = keywords.find(({ name }) => name === 'one')!;
  assert.deepEqual([one.threshold, one.label], [0.25, 'Uno']);
  assert.deepEqual([input.state, input.gaps, input.restarts], ['listening', 0, 0]);
});

test('what cannot change while it runs is reported, and stays', { timeout: 60_000 }, async (t) => {
  const [daemon, reload] = await started(t);
  write({ gate: 'off', rate: 48_000 });
  await reload(/^Reloaded: keywords changed$/);
  await daemon.logLine(({ msg }) => /^Restart to change gate, rate/.test(msg));
  assert.equal((await statusOf(daemon)).gate.mode, 'on');
});

test('settings that are wrong are reported, and the old ones stay', { timeout: 60_000 }, async (t) => {
  const [daemon, reload] = await started(t);
  for (const [wrong, says] of [
    [{ keywords: { on: { threshold: 0.9 } } }, /did you mean one\?/],
    [{ keywords: { one: { threshold: 2 } } }, /must be at most 1/],
  ] as const) {
    write(wrong);
    const { msg, code, level } = await reload(says);
    assert.match(msg, /^The new settings are invalid, so the old ones stay: /);
    assert.deepEqual([code, level], ['WG_CONFIG_INVALID', 'error']);
    const { keywords, input } = await statusOf(daemon);
    assert.equal(keywords.find(({ name }) => name === 'one')!.threshold, 0.5);
    assert.deepEqual([input.state, input.gaps], ['listening', 0]);
  }
});

test('a reload that is asked for while it starts comes after the start, and does not end it', {
  timeout: 60_000,
}, async (t) => {
  const early = join(folder, 'early.mjs');
  // As soon as it is ready for the first signals.
  writeFileSync(
    early,
    `process.on('newListener', (name) => {
       if (name === 'SIGTERM') setImmediate(() => process.kill(process.pid, 'SIGHUP'));
     });`,
  );
  const args = ['run', '--model', pack, '--port', '0', '--input', '-', '--backend', 'wasm'];
  const daemon = new WakegateProcess(t, args, {
    nodeFlags: ['--import', early],
    stdin: s16le(voice(16_000, 1)),
  });
  await daemon.logLine(({ msg }) => msg === 'Reloaded: nothing has changed');
  assert.equal((await daemon.finished).code, 0);
});
