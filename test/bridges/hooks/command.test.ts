import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from '../../../src/bridges/hooks/command.js';
import { commandEnvironment } from '../../../src/bridges/hooks/environment.js';
import type { HookConfig } from '../../../src/config/index.js';
import { detectionEvent } from '../../support/hook-events.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const event = detectionEvent();
const options = { retry: true, signal: new AbortController().signal };
const printed: string[] = [];

function command(words: string[], settings: HookConfig = {}): Command {
  return new Command({ timeoutSeconds: 60, ...settings, command: words }, (output) => printed.push(output));
}

/** The ids of processes, once the file has them all; of processes that run until then. */
async function idsIn(path: string, count: number): Promise<number[]> {
  for (;;) {
    const ids = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).map(Number) : [];
    if (ids.length === count) return ids;
    await sleep(10);
  }
}

/** Resolves when none of the processes runs any more. */
async function gone(ids: readonly number[]): Promise<void> {
  const isRunning = (id: number) => {
    try {
      return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  while (ids.some(isRunning)) await sleep(10);
}

test('a command gets the event on stdin, its fields as variables, and little else', async () => {
  const out = join(folder, 'out');
  const script = 'cat > "$1"; env >> "$1"; echo said; echo complained >&2; pwd';
  process.env.WAKEGATE_TEST_SECRET = 'secret';
  await command(['/bin/sh', '-c', script, 'hook', out], {
    environment: { ROOM: 'kitchen; rm -rf x' },
  }).deliver(event, options);
  delete process.env.WAKEGATE_TEST_SECRET;
  const [body, ...rest] = readFileSync(out, 'utf8')
    .replace('}EVENT', '}\nEVENT')
    .split(/\n|(?<=\}\})/);
  const variables = [body, ...rest].join('\n');
  assert.deepEqual(JSON.parse(variables.slice(0, variables.lastIndexOf('}') + 1)), event);
  assert.match(variables, /^EVENT_TYPE=detection$/m);
  assert.match(variables, /^EVENT_KEYWORD=computer$/m);
  assert.match(variables, /^EVENT_LABEL=Computer, "the" \$\(one\)$/m);
  assert.match(variables, /^EVENT_SCORE=0.987$/m);
  assert.match(variables, /^EVENT_HEARD_AT=2026-11-26T23:10:04.000Z$/m);
  assert.match(variables, /^ROOM=kitchen; rm -rf x$/m);
  assert.doesNotMatch(variables, /secret|NODE_|WAKEGATE/);
  const [first, second, third] = printed.pop()!.split('\n').sort();
  assert.deepEqual([first, second, third], ['/', 'complained', 'said']);
});

test('only what a command needs is kept of the variables', () => {
  const own = { PATH: '/bin', NOTIFY_SOCKET: '/run/x', CREDENTIALS_DIRECTORY: '/run/c', WAKEGATE_PORT: '1' };
  const made = commandEnvironment(detectionEvent({ label: 'a\0b' }), { PATH: '/opt/bin', X: 'y' }, own);
  assert.equal(made.PATH, '/opt/bin');
  assert.equal(made.X, 'y');
  assert.equal(made.EVENT_LABEL, 'ab');
  assert.deepEqual(
    Object.keys(made).filter((name) => !name.startsWith('EVENT_')),
    ['PATH', 'X'],
  );
  assert.ok(!('EVENT_COST' in made), 'what is more than one value is on stdin only');
});

test('no shell reads the words', async () => {
  await command(['/bin/echo', '$(id)', '*', ';', 'a b']).deliver(event, options);
  assert.equal(printed.pop(), '$(id) * ; a b');
});

test('a command that fails, that cannot be started, or that dies is a fault with what it said', async () => {
  const fails = (words: string[], problem: RegExp) =>
    assert.rejects(command(words).deliver(event, options), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'WG_HOOK_FAILED');
      assert.match(error.message, problem);
      return true;
    });
  await fails(
    ['/bin/sh', '-c', 'echo no such lamp >&2; exit 3'],
    /^\/bin\/sh ended with exit code 3: no such lamp$/,
  );
  await fails([join(folder, 'none')], /none cannot be started: .*ENOENT/);
  await fails(['/bin/sh', '-c', 'kill -9 $$'], /was ended by SIGKILL$/);
});

test('a command that takes too long is ended with all that it started', async () => {
  const ids = join(folder, 'ids');
  const script = `trap '' TERM; (trap '' TERM; sleep 600) & echo $! >> ${ids}; echo $$ >> ${ids}; wait; sleep 600`;
  await assert.rejects(
    command(['/bin/sh', '-c', script], { timeoutSeconds: 1 }).deliver(event, options),
    /took longer than 1 s, and was ended$/,
  );
  await gone(await idsIn(ids, 2));
});

test('what a command leaves behind is ended, and does not hold it up', async () => {
  const ids = join(folder, 'left');
  await command(['/bin/sh', '-c', `sleep 600 & echo $! > ${ids}`]).deliver(event, options);
  await gone(await idsIn(ids, 1));
});

test('a command is ended when the daemon stops', async () => {
  const ids = join(folder, 'stopped');
  const stopping = new AbortController();
  const running = command(['/bin/sh', '-c', `echo $$ > ${ids}; exec sleep 600`]).deliver(event, {
    retry: true,
    signal: stopping.signal,
  });
  const started = await idsIn(ids, 1);
  stopping.abort();
  await assert.rejects(running, /was ended, since the daemon stops/);
  await gone(started);
});

test('output without end neither fills memory nor stops the command', async () => {
  await command(['/bin/sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" x']).deliver(event, options);
  const output = printed.pop()!;
  assert.equal(output.length, 4096 + ' ...'.length);
});
