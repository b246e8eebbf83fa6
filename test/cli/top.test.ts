import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { styleOf } from '../../src/cli/style.js';
import { TopState } from '../../src/cli/top-state.js';
import { cut, lineOf, screenOf } from '../../src/cli/top-view.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import type { Message } from '../../src/protocol/index.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { noTerminal, TerminalProcess } from '../support/terminal.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.cjs', import.meta.url));
const folder = temporaryFolder();
const model = join(folder, 'pack');
const input = wavFile(folder, 'voice.wav', voice(16_000, 60));
const plain = styleOf({ isTTY: false } as never, { LC_ALL: 'C' });

before(async () => {
  await makeTinyPack(model);
});

const envelope = { sequence: 1, time: '2026-01-02T03:04:05.000Z' };

function scores(posteriors: Record<string, number> | null): Message {
  return {
    ...envelope,
    type: 'scores',
    sample: 1600,
    seconds: 0.1,
    dbfs: -40,
    noiseDbfs: -60,
    gate: { score: 0.75, threshold: 0.5, open: true },
    classifier: 'awake',
    posteriors,
    looks: [],
  };
}

function snapshotOf(daemon: Daemon): Message {
  return { ...envelope, type: 'snapshot', complete: true, status: daemon.status() };
}

test('the screen has the level, the gate, the classifier, and every keyword that is on against its threshold', async (t) => {
  const daemon = await startDaemon(t, { model, input, keywords: { two: { enabled: false } } });
  const state = new TopState();
  assert.match(screenOf(state, plain, 0, '12:00:00').join('\n'), /waiting for the daemon/);
  state.take(snapshotOf(daemon), 0);
  state.take(scores({ one: 0.625, two: 0.5 }), 0);
  const screen = screenOf(state, plain, 0, '12:00:00').join('\n');
  assert.match(screen, /^wakegate \S+ {2}tiny {2}12:00:00$/m);
  assert.match(screen, /^Level +#####\.\.\.\.\. -40 dBFS {2}room -60 dBFS$/m);
  assert.match(screen, /^Gate +########\.\. 0\.75 of 0\.50 {2}open$/m);
  assert.match(screen, /^Classifier +awake$/m);
  assert.match(screen, /^one +######\.\.\.\. 0\.625 of 0\.500$/m);
  assert.doesNotMatch(screen, /^two/m);
  // What was not judged lately is not shown as if it were.
  assert.match(screenOf(state, plain, 2001, '12:00:02').join('\n'), /^one +\.{10} +- of 0\.500$/m);
});

test('what changes is shown: a threshold, a problem that comes and goes, a connection that is lost', async (t) => {
  const daemon = await startDaemon(t, { model, input });
  const state = new TopState();
  const shown = () => screenOf(state, plain, 0, '12:00:00').join('\n');
  state.take(snapshotOf(daemon), 0);
  const [one] = daemon.keywords();
  state.take({ ...envelope, type: 'config', keyword: { ...one, threshold: 0.875, label: 'a\x1b[2Jb' } }, 0);
  assert.match(shown(), /^a\\u001b\[2Jb +\.{10} +- of 0\.875$/m, 'a label draws over nothing');
  state.take({ ...envelope, type: 'problem', part: 'mqtt', problem: 'the broker is away' }, 0);
  assert.match(shown(), /^mqtt: the broker is away$/m);
  state.take({ ...envelope, type: 'problem', part: 'mqtt', problem: null }, 0);
  assert.doesNotMatch(shown(), /broker/);
  state.lost();
  assert.match(shown(), /connection is lost/);
  assert.equal(lineOf(state, 0, '12:00:00'), '12:00:00  no connection to the daemon');
});

test('a line is cut at the edge of the terminal, and its colours end', () => {
  assert.equal(cut('\x1b[1mwakegate\x1b[22m top', 4), '\x1b[1mwake\x1b[22m');
  assert.equal(cut('short', 80), 'short');
});

test('on a terminal it draws on a screen of its own, and gives the terminal back as it was', {
  skip: noTerminal,
  timeout: 60_000,
}, async (t) => {
  const daemon = await startDaemon(t, { model, input, gate: 'off' });
  const terminal = new TerminalProcess(t, ['top', '--url', daemon.url!], { NO_COLOR: '1' });
  await terminal.match(/Classifier +(asleep|waking|awake)/);
  await terminal.match(/one +[█░]{10} +0\.\d{3} of 0\.500/);
  assert.ok(daemon.events.listenerCount('scores') > 0);
  assert.equal(await terminal.interrupt(), 0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told
  assert.match(terminal.shown, /^\x1b\[\?1049h\x1b\[\?25l/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told
  assert.match(terminal.shown, /\x1b\[\?25h\x1b\[\?1049l$/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  assert.doesNotMatch(terminal.shown, /\x1b\[\d+m/, 'NO_COLOR is respected');
  while (daemon.events.listenerCount('scores') > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('elsewhere it prints lines of text, and ends by itself when nobody reads them any more', {
  timeout: 60_000,
}, async (t) => {
  const daemon = await startDaemon(t, { model, input, gate: 'off', keywords: { one: { threshold: 1 } } });
  const child = spawn(process.execPath, [MAIN, 'top', '--url', daemon.url!], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const closed = once(child, 'close');
  let text = '';
  for await (const piece of child.stdout.setEncoding('utf8')) {
    text += piece;
    if (/listening .* classifier awake {2}(one|two) 0\.\d{3}\n/.test(text)) break;
  }
  // Leaving the loop has closed the pipe.
  await closed;
  assert.ok(!text.includes('\x1b'));
  for (const line of text.split('\n').slice(0, -1)) assert.match(line, /^\d\d:\d\d:\d\d {2}/);
});

test('without a daemon it says so, and how to start one', async () => {
  const child = spawn(process.execPath, [MAIN, 'top', '--url', 'http://127.0.0.1:9']);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  assert.notEqual(code, 0);
  assert.match(said, /no daemon answers.*wakegate run/s);
});
