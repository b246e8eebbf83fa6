import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { DaemonEvent, Status } from '../../src/protocol/index.js';
import { Subscriber, startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess, wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
let input: string;
before(async () => {
  await makeTinyPack(pack);
  input = wavFile(folder, 'long.wav', voice(16_000, 120));
});

function stateOf(name: string, files: Readonly<Record<string, string>> = {}): string {
  const state = join(folder, name);
  mkdirSync(state);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(state, file), text);
  return state;
}

const run = (state: string) => [
  ...['run', '--model', pack, '--port', '0', '--backend', 'wasm', '--input', input],
  ...['--state-directory', state],
];

const statusOf = async (url: string) => (await (await fetch(`${url}/v1/status`)).json()) as Status;

const UNUSABLE = {
  'cut.': ['keywords.json', '{"tiny":'],
  'of another shape.': ['keywords.json', '{"tiny":{"one":{"threshold":7}}}'],
  'not an object.': ['keywords.json', '[1]'],
  'not text.': ['captures.json', '\u0000\u0001'],
  'of a newer release.': ['captures.json', '{"version":2,"enabled":{"on":true}}'],
  'of a newer release, too.': ['keywords.json', '{"version":2,"packs":[]}'],
} as const;

for (const [what, [file, text]] of Object.entries(UNUSABLE)) {
  test(`a state file that is ${what} is put aside and reported, and it listens`, async (t) => {
    const state = stateOf(`unusable ${what}`, { [file]: text });
    const daemon = new WakegateProcess(t, run(state));
    const logged = await daemon.logLine(({ part }) => part === 'state');
    const url = await daemon.url();
    await daemon.logLine(({ msg }) => msg.startsWith('Listening to '));
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    const { problems } = await statusOf(url);
    assert.equal(problems.length, 1);
    assert.equal(problems[0].problem.slice(1), logged.msg.slice(1));
    assert.ok(logged.msg.includes(join(state, file)), logged.msg);
    const told = new Subscriber(t, url, '?types=problem&since=0');
    assert.equal((await told.message('problem')).problem, problems[0].problem);
    const aside = readdirSync(state).filter((name) => /^\w+\.json\.(corrupt-\d{8}T\d{6}Z|newer)$/.test(name));
    assert.equal(aside.length, 1);
    assert.equal(aside[0].endsWith('.newer'), what.includes('newer'));
    assert.equal(readFileSync(join(state, aside[0]), 'utf8'), text);
  });
}

test('a state file that was edited on Windows is read', async (t) => {
  const text = '\uFEFF{"tiny":{"one":{"threshold":0.25}}}\r\n';
  const state = stateOf('edited', { 'keywords.json': text });
  const daemon = await startDaemon(t, { model: pack, input, stateDirectory: state });
  assert.deepEqual(daemon.status().problems, []);
  assert.equal(daemon.keywords().find(({ name }) => name === 'one')?.threshold, 0.25);
});

test('a state file that cannot be read is put aside, and it listens', {
  skip: process.getuid?.() === 0 && 'root can read everything; a folder in its place stands for it',
}, async (t) => {
  const state = stateOf('unreadable', { 'keywords.json': '{}' });
  chmodSync(join(state, 'keywords.json'), 0);
  const daemon = await startDaemon(t, { model: pack, input, stateDirectory: state });
  assert.match(daemon.status().problems[0].problem, /cannot be read: .*put aside/);
});

test('a folder in the place of a state file is put aside, and what is changed then is kept', async (t) => {
  const state = stateOf('folder');
  mkdirSync(join(state, 'keywords.json', 'in-the-way'), { recursive: true });
  const daemon = await startDaemon(t, { model: pack, input, stateDirectory: state });
  assert.match(daemon.status().problems[0].problem, /cannot be read: .*put aside/);
  await daemon.changeKeyword('one', { threshold: 0.4 });
  assert.deepEqual(JSON.parse(readFileSync(join(state, 'keywords.json'), 'utf8')), {
    tiny: { one: { threshold: 0.4 } },
  });
});

/** As release 0.1.0 writes them. */
const KEPT = {
  'keywords.json': `{
  "tiny": {
    "one": {
      "threshold": 0.83,
      "label": "Uno"
    },
    "two": {
      "enabled": false
    }
  }
}
`,
  'captures.json': `{
  "enabled": true
}
`,
};

test('a pipe, a device and a giant in the place of a state file are put aside, not read without an end', {
  skip: process.platform === 'win32' ? 'there are no pipes with names' : false,
}, async (t) => {
  const state = stateOf('no files');
  const captures = join(state, 'captures');
  mkdirSync(captures);
  const pipe = (path: string) => assert.equal(spawnSync('mkfifo', [path]).status, 0);
  pipe(join(state, 'keywords.json'));
  pipe(join(captures, 'ages.json'));
  pipe(join(captures, '20261126-120000-0123abcd.json'));
  symlinkSync('/dev/zero', join(captures, '20261126-120000-0123abce.json'));
  writeFileSync(join(state, 'captures.json'), '');
  truncateSync(join(state, 'captures.json'), 2 ** 31);
  const config = { model: pack, input, stateDirectory: state, captures: 'on' } as const;
  const daemon = await startDaemon(t, config);
  const [{ problem }] = daemon.status().problems;
  assert.match(problem, /keywords\.json cannot be read: it is not a file/);
  assert.match(problem, /captures\.json cannot be read: it has 2147483648 bytes/);
  const answer = await fetch(`${daemon.url}/v1/captures`);
  const { captures: kept } = (await answer.json()) as { captures: unknown[] };
  assert.deepEqual(kept, []);
  const aside = readdirSync(state).filter((name) => name.includes('.corrupt-'));
  assert.deepEqual(aside.map((name) => name.split('.')[0]).sort(), ['captures', 'keywords']);
});

test('a state directory that is removed while it runs is made again, and still belongs to one daemon', async (t) => {
  const state = stateOf('removed');
  const config = { model: pack, input, stateDirectory: state } as const;
  const daemon = await startDaemon(t, config);
  const told: unknown[] = [];
  daemon.events.on('event', (event) => event.type === 'problem' && told.push(event.problem));
  await daemon.changeKeyword('one', { threshold: 0.4 });
  rmSync(state, { recursive: true });
  await daemon.captures.enable(false);
  assert.deepEqual(readdirSync(state).sort(), ['captures.json', 'keywords.json', 'wakegate.lock']);
  assert.equal(JSON.parse(readFileSync(join(state, 'keywords.json'), 'utf8')).tiny.one.threshold, 0.4);
  assert.match(String(told), /was removed while wakegate ran/);
  assert.match(daemon.status().problems[0].problem, /was removed while wakegate ran/);
  await assert.rejects(startDaemon(t, config), { code: 'WG_STATE_UNUSABLE', message: /in use by another/ });
});

test('a daemon whose state directory has become that of another one changes nothing there', async (t) => {
  const state = stateOf('taken');
  const config = { model: pack, input, stateDirectory: state } as const;
  const first = await startDaemon(t, config);
  rmSync(state, { recursive: true });
  const second = await startDaemon(t, config);
  await second.changeKeyword('one', { threshold: 0.4 });
  const refusal = { code: 'WG_STATE_UNUSABLE', message: /in use by another/ };
  await assert.rejects(first.changeKeyword('one', { threshold: 0.9 }), refusal);
  assert.match(first.status().problems[0].problem, /in use by another/);
  await first.stop();
  assert.equal(JSON.parse(readFileSync(join(state, 'keywords.json'), 'utf8')).tiny.one.threshold, 0.4);
  await assert.rejects(startDaemon(t, config), refusal, 'the lock of the second is still there');
});

test('changes that a disk does not take are refused and reported, until it takes them', {
  skip: process.getuid?.() !== 0 && 'only root can mount a disk',
}, async (t) => {
  const disk = stateOf('disk');
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=30', 'tmpfs', disk]);
  if (mounted.status !== 0) return t.skip('no disk can be mounted');
  t.after(() => spawnSync('umount', ['-l', disk]));
  const remount = (options: string) =>
    assert.equal(spawnSync('mount', ['-o', `remount,${options}`, disk]).status, 0);
  const daemon = await startDaemon(t, { model: pack, input, stateDirectory: disk });
  const told: unknown[] = [];
  daemon.events.on('event', (event) => event.type === 'problem' && told.push(event.problem));
  const fails = async (reason: RegExp) => {
    for (const threshold of [0.3, 0.4]) {
      const change = daemon.changeKeyword('one', { threshold });
      await assert.rejects(change, { code: 'WG_STATE_UNUSABLE', message: reason });
    }
    assert.match(daemon.status().problems[0].problem, reason);
  };
  const fillers = fill(disk);
  await fails(/no space left/);
  for (const filler of fillers) rmSync(filler);
  await daemon.changeKeyword('one', { threshold: 0.5 });
  assert.deepEqual(daemon.status().problems, []);
  remount('ro');
  await fails(/read-only/);
  remount('rw');
  await daemon.changeKeyword('one', { threshold: 0.6 });
  assert.equal(told.filter((problem) => problem === null).length, 2);
  assert.equal(told.length, 4, 'the same is not reported twice');
});

/** Makes files until there can be no more. */
function fill(disk: string): string[] {
  const made: string[] = [];
  for (;;) {
    const path = join(disk, `filler-${made.length}`);
    try {
      writeFileSync(path, '');
    } catch {
      return made;
    }
    made.push(path);
  }
}

test('state of release 0.1.0 is read, and what it reads is written', async (t) => {
  const state = stateOf('kept', KEPT);
  const daemon = await startDaemon(t, { model: pack, input, stateDirectory: state });
  assert.deepEqual(daemon.status().problems, []);
  const [one, two] = daemon.keywords();
  assert.deepEqual([one.threshold, one.label, two.enabled], [0.83, 'Uno', false]);
  assert.equal(daemon.captures.enabled, true);
  await daemon.changeKeyword('one', { patience: 4 });
  await daemon.changeKeyword('one', { patience: null });
  await daemon.captures.enable(true);
  for (const [file, text] of Object.entries(KEPT)) {
    assert.equal(readFileSync(join(state, file), 'utf8'), text, `0.1.0 reads ${file}`);
  }
});

test('settings that a later release has added are left alone', async (t) => {
  const keywords = { tiny: { one: { threshold: 0.83, colour: 'blue' } } };
  const state = stateOf('later', { 'keywords.json': JSON.stringify({ version: 1, ...keywords }) });
  const daemon = await startDaemon(t, { model: pack, input, stateDirectory: state });
  assert.equal(daemon.keywords()[0].threshold, 0.83);
  await daemon.changeKeyword('one', { patience: 2 });
  assert.deepEqual(JSON.parse(readFileSync(join(state, 'keywords.json'), 'utf8')), {
    tiny: { one: { threshold: 0.83, colour: 'blue', patience: 2 } },
  });
});

test('what an older release has put aside is taken back by one that reads it', async (t) => {
  const text = JSON.stringify({ version: 1, tiny: { one: { threshold: 0.83 } } });
  const state = stateOf('taken-back', { 'keywords.json.newer': text });
  const daemon = await startDaemon(t, { model: pack, input, stateDirectory: state });
  assert.equal(daemon.keywords()[0].threshold, 0.83);
});

test('a second daemon on a state directory says who has it, and what to do', async (t) => {
  const state = stateOf('shared');
  const first = new WakegateProcess(t, run(state));
  const url = await first.url();
  const { code, stderr } = await wakegate(t, run(state));
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`in use by another wakegate \\(process ${first.child.pid}, since .* ${url}\\)`),
  );
  assert.match(stderr, /--state-directory/);
  assert.equal((await fetch(`${url}/readyz`)).status, 200, 'the first is not disturbed');

  first.child.kill('SIGSTOP');
  const stopped = await wakegate(t, run(state));
  first.child.kill('SIGCONT');
  assert.equal(stopped.code, 1, 'one that stands still has it too');
  assert.match(stopped.stderr, /in use by another wakegate/);
});

test('what a killed daemon has left behind keeps nobody out, and of several that come one gets in', async (t) => {
  const state = stateOf('killed');
  const first = new WakegateProcess(t, run(state));
  await first.url();
  first.child.kill('SIGKILL');
  await first.finished;
  assert.ok(readdirSync(state).includes('wakegate.lock'));
  const others = [1, 2, 3].map(() => new WakegateProcess(t, run(state)));
  const ends = await Promise.all(
    others.map((daemon) =>
      Promise.race([daemon.url().then(() => 'serves'), daemon.finished.then(({ code }) => code)]),
    ),
  );
  assert.deepEqual(ends.sort(), [1, 1, 'serves']);
});

test('the path of a state directory may be longer than the address of a socket', async (t) => {
  const state = join(stateOf('long'), 'x'.repeat(150));
  const first = await startDaemon(t, { model: pack, input, stateDirectory: state });
  const second = startDaemon(t, { model: pack, input, stateDirectory: state });
  await assert.rejects(second, { code: 'WG_STATE_UNUSABLE', message: /in use by another wakegate/ });
  await first.stop();
  assert.deepEqual(readdirSync(state), []);
  const events: DaemonEvent[] = [];
  const third = await startDaemon(t, { model: pack, input, stateDirectory: state });
  third.events.on('event', (event) => events.push(event));
  assert.deepEqual(third.status().problems, []);
});
