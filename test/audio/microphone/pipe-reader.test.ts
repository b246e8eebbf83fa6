import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { PipeReader } from '../../../src/audio/microphone/pipe-reader.js';

/** Writes so many bytes for each line that it reads, and counts them up modulo 251. */
const WRITER = `
  let next = 0;
  require('node:readline').createInterface({ input: process.stdin }).on('line', (count) => {
    process.stdout.write(Uint8Array.from({ length: Number(count) }, () => next++ % 251));
  });
`;
const NEVER = { startTimeoutMs: 60_000, dataTimeoutMs: 60_000 };

interface Heard {
  readonly child: ChildProcess & { stdin: NonNullable<ChildProcess['stdin']> };
  readonly reader: PipeReader;
  readonly bytes: number[];
  readonly silences: number;
  until(length: number): Promise<void>;
}

function listen(t: TestContext, timeouts = NEVER): Heard {
  const child = spawn(process.execPath, ['-e', WRITER]) as unknown as Heard['child'];
  const bytes: number[] = [];
  const heard = { silences: 0 };
  let wake = () => {};
  const reader = new PipeReader(child.stdout!, timeouts, {
    onData: (some) => {
      for (const byte of some) bytes.push(byte);
      wake();
    },
    onSilence: () => {
      heard.silences++;
      wake();
    },
  });
  t.after(async () => {
    reader.close();
    child.kill();
    await once(child, 'exit');
  });
  const until = async (length: number) => {
    while (bytes.length < length) await new Promise<void>((resolve) => (wake = resolve));
  };
  return Object.assign(heard, { child, reader, bytes, until });
}

function assertInOrder(bytes: readonly number[]): void {
  assert.ok(bytes.every((byte, i) => byte === i % 251));
}

test('while resting, all that comes is read, in order, more than one reading holds too', async (t) => {
  const { child, reader, bytes, until } = listen(t);
  child.stdin.write('1000\n');
  await until(1000);
  reader.restMs = 20;
  child.stdin.write('1000\n');
  await until(2000);
  child.stdin.write('300000\n');
  await until(302_000);
  // It rests again after that, and continues.
  child.stdin.write('1000\n');
  await until(303_000);
  assertInOrder(bytes);
});

test('what came during a rest is there as soon as the rest is over', async (t) => {
  const { child, reader, bytes, until } = listen(t);
  child.stdin.write('1000\n');
  await until(1000);
  reader.restMs = 3_600_000;
  child.stdin.write('1000\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(bytes.length, 1000, 'left in the pipe');
  reader.restMs = 0;
  await until(2000);
  assertInOrder(bytes);
});

test('after each reading the rest is as long as is wanted then, whichever it was before', async (t) => {
  const { child, reader, bytes, until } = listen(t);
  child.stdin.write('1000\n');
  await until(1000);
  let written = 1000;
  for (const restMs of [40, 300, 20, 60, 20]) {
    reader.restMs = restMs;
    reader.taken();
    child.stdin.write('1000\n');
    await until((written += 1000));
  }
  assertInOrder(bytes);
});

test('silence is reported while resting as well as before', async (t) => {
  const resting = listen(t, { startTimeoutMs: 60_000, dataTimeoutMs: 100 });
  resting.reader.restMs = 10;
  resting.child.stdin.write('10\n');
  await resting.until(10);
  while (resting.silences === 0) await new Promise((resolve) => setTimeout(resolve, 10));

  const mute = listen(t, { startTimeoutMs: 100, dataTimeoutMs: 60_000 });
  while (mute.silences === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(mute.reader.hasData, false);
});

test('a process that was held up reads what waits before it takes a program for silent', async (t) => {
  const heard = listen(t, { startTimeoutMs: 60_000, dataTimeoutMs: 400 });
  heard.child.stdin.write('1000\n');
  await heard.until(1000);
  heard.child.stdin.write('1000\n');
  // Longer than the silence that is allowed; the program writes meanwhile.
  for (const end = performance.now() + 1500; performance.now() < end; );
  await heard.until(2000);
  assert.equal(heard.silences, 0);
});

test('nor does one that was held up while it rested', async (t) => {
  const heard = listen(t, { startTimeoutMs: 60_000, dataTimeoutMs: 400 });
  heard.child.stdin.write('1000\n');
  await heard.until(1000);
  heard.reader.restMs = 100;
  heard.child.stdin.write('1000\n');
  await heard.until(2000);
  for (const end = performance.now() + 1500; performance.now() < end; );
  // Nothing has come, and the program may have been held up as well.
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(heard.silences, 0);
  heard.child.stdin.write('1000\n');
  await heard.until(3000);
});
