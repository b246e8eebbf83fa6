import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { noTerminal, TerminalProcess } from '../support/terminal.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const options = { skip: noTerminal, timeout: 60_000 };
const run = (...args: string[]) => [
  ...['run', '--port', '0', '--backend', 'wasm', '--state-directory', join(folder, 'state')],
  ...args,
];

test('run shows a header, then a line for each detection, and ends with Ctrl-C', options, async (t) => {
  // The bundled sample, with the bundled pack.
  const terminal = new TerminalProcess(t, run('--input', 'samples/demo.wav'));
  await terminal.match(/ {2}Listening to {2}samples\/demo\.wav\r\n/);
  await terminal.match(/ {2}Keywords .*alexa.*, computer/);
  await terminal.match(/ {2}Serving on {4}http:\/\/127\.0\.0\.1:\d+\r\n/);
  await terminal.match(/Ctrl-C stops it/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  await terminal.match(/\d\d:\d\d:\d\d\x1b\[22m {2}\x1b\[1malexa .*█{8,10}░{0,2}\x1b.* \d+ %/);
  assert.equal(await terminal.interrupt(), 0);
  assert.match(terminal.shown, /Stopped\.\r\n$/);
  assert.doesNotMatch(terminal.shown, /"level"|info|classifier awake/);
});

test('NO_COLOR is respected, and no block is drawn where the locale has none', options, async (t) => {
  const pack = await makeTinyPack(join(folder, 'pack'));
  const input = wavFile(folder, 'voice.wav', voice(16_000, 0.5));
  const args = run('--model', pack.directory, '--input', input, '--gate', 'off');
  const terminal = new TerminalProcess(t, args, { NO_COLOR: '1', LC_ALL: 'C' });
  await terminal.match(/\r\n\d\d:\d\d:\d\d {2}one +[#.]{10} +\d+ % {2}\d+ handoffs?, .* ms of CPU\r\n/);
  await terminal.match(/input +\S*voice\.wav has ended\r\nStill serving; Ctrl-C stops it\./);
  assert.ok(!terminal.shown.includes('\x1b'));
});

test('with another log level all of the log is shown', options, async (t) => {
  const input = wavFile(folder, 'short.wav', voice(16_000, 0.5));
  const pack = await makeTinyPack(join(folder, 'other'));
  const terminal = new TerminalProcess(
    t,
    run('--model', pack.directory, '--input', input, '--gate', 'off', '--log-level', 'debug'),
  );
  await terminal.match(/\d\d:\d\d:\d\d debug gate opened/);
  await terminal.match(/\d\d:\d\d:\d\d info {2}Heard "one"/);
});

test('events are lines for people on a terminal, and JSON with --json', options, async (t) => {
  const pack = await makeTinyPack(join(folder, 'events'));
  const input = wavFile(folder, 'long.wav', voice(16_000, 60));
  const daemon = await startDaemon(t, { model: pack.directory, input });
  const { sequence } = daemon.events;
  daemon.events.publish({ type: 'classifier', state: 'asleep', previous: 'awake', reason: 'idle' });
  daemon.events.publish({ type: 'gate', open: true, score: 0.98765, sample: 16_000, seconds: 1 });
  const args = ['events', '--url', daemon.url!, '--since', String(sequence)];
  const [people, json] = [[], ['--json']].map(
    (more) => new TerminalProcess(t, [...args, ...more], { NO_COLOR: '1' }),
  );
  await people.match(/\d\d:\d\d:\d\d {2}classifier +asleep \(was awake\): idle\r\n/);
  await people.match(/\d\d:\d\d:\d\d {2}gate +opened, score 0\.99\r\n/);
  const [line] = await json.match(/\{"type":"gate".*\}/);
  assert.equal(JSON.parse(line).score, 0.98765);
});

test(
  'whatever command prints them, no controls of labels, settings and paths reach the terminal',
  options,
  async (t) => {
    const pack = await makeTinyPack(join(folder, 'hostile'));
    const input = wavFile(folder, 'long-too.wav', voice(16_000, 60));
    const hostile = '\u009b2Jdrawn\u202eover\u007f';
    const written = '\\u009b2Jdrawn\\u202eover\\u007f';
    const keywords = { one: { label: hostile } };
    const settings = join(folder, 'hostile.json');
    writeFileSync(settings, JSON.stringify({ model: pack.directory, keywords }));
    const daemon = await startDaemon(t, { model: pack.directory, input, keywords });
    daemon.events.publish({ type: 'problem', part: 'captures', problem: hostile });
    const url = ['--url', daemon.url!];
    const commands = [
      ['config', 'print', '--config', settings],
      ['config', 'print', '--config', settings, '--json'],
      ['status', '--json', ...url],
      ['events', '--json', '--since', '0', ...url],
      ['events', '--since', '0', ...url],
      ['train', 'recordings', '--out', hostile, '--only', '^no such corpus$'],
      ['train', 'recordings', '--out', join(folder, 'none'), '--held-out', hostile],
      ['detect', join(folder, `${hostile}.wav`)],
    ];
    const named = /drawn|no such corpus/;
    await Promise.all(
      commands.map(async (command) => {
        const terminal = new TerminalProcess(t, command);
        await terminal.match(named);
        await terminal.match(/over|no such corpus/);
        if (!command.includes('^no such corpus$') && !command.includes('config'))
          assert.ok(terminal.shown.includes(written), `${command}: ${terminal.shown}`);
        assert.doesNotMatch(terminal.shown, /[\u0080-\u009f\u202e\u007f]/u, `${command}`);
      }),
    );
  },
);
