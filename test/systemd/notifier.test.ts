import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Status } from '../../src/protocol/index.js';
import { Subscriber } from '../support/daemon-fixture.js';
import { programsOnPath } from '../support/fake-recorder.js';
import { s16le, voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');

before(async () => {
  await makeTinyPack(pack);
});

test('systemd is notified of the start, of the flow of samples while there is one, and of the end', {
  timeout: 60_000,
}, async (t) => {
  const told = join(folder, 'told');
  const bin = programsOnPath(t, folder, { 'systemd-notify': `#!/bin/sh\necho "$1" >> "${told}"\n` });
  const states = () => (existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n') : []);
  const until = async (fits: (states: string[]) => boolean) => {
    while (!fits(states())) await sleep(20);
  };
  const run = ['run', '--model', pack, '--port', '0', '--backend', 'wasm', '--input', '-'];
  // A watchdog of 3 ms is fed with every chunk, so how often it was fed tells what fed it.
  const env = { PATH: bin, NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '3000' };
  const daemon = new WakegateProcess(t, run, { env, stdin: s16le(voice(16_000, 1)) });
  await daemon.finished;
  await until((all) => all.includes('STOPPING=1'));
  const fed = states().filter((state) => state === 'WATCHDOG=1').length;
  assert.ok(states().includes('READY=1'));
  // 13 chunks of 80 ms, some within 1 ms of each other, and the changes of the input's state.
  assert.ok(fed >= 1 && fed <= 15, `${fed}`);
});

test('systemd is shown what is wrong, as are the log, /readyz and subscribers', {
  timeout: 60_000,
}, async (t) => {
  const told = join(folder, 'shown');
  // Nothing but zeros, at the pace of sound and then some.
  const arecord = `#!${process.execPath}\nsetInterval(() => process.stdout.write(Buffer.alloc(12_800)), 100);\n`;
  const notify = `#!/bin/sh\necho "$1" >> "${told}"\n`;
  const bin = programsOnPath(t, folder, { arecord, 'systemd-notify': notify });
  const run = [
    'run',
    '--model',
    pack,
    '--port',
    '0',
    '--backend',
    'wasm',
    '--input',
    'mic',
    '--recorder',
    'arecord',
  ];
  const daemon = new WakegateProcess(t, run, { env: { PATH: bin, NOTIFY_SOCKET: '/run/systemd/notify' } });
  const url = await daemon.url();
  const { msg } = await daemon.logLine(({ part }) => part === 'input');
  assert.match(msg, /^The microphone gives no good sound: nothing but zeros/);
  const { problems } = (await (await fetch(`${url}/readyz`)).json()) as Pick<Status, 'problems'>;
  assert.deepEqual(
    problems.map(({ part, problem }) => [part, problem.slice(1)]),
    [['input', msg.slice(1)]],
  );
  const subscriber = new Subscriber(t, url, '?types=problem&since=0');
  assert.equal((await subscriber.message('problem')).problem, problems[0].problem);
  const shown = () => (existsSync(told) ? readFileSync(told, 'utf8').split('\n') : []);
  const fits = (line: string) =>
    /^STATUS=Listening to microphone \(arecord, default\); the microphone gives no good sound/.test(line);
  while (!shown().some(fits)) await sleep(20);
});
