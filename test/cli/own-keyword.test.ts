import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { writeWav } from '../../src/audio/index.js';
import { formatOwnKeyword, KeywordFolder, type OwnKeyword } from '../../src/model/index.js';
import { deafKeyword } from '../support/own-keyword.js';
import { s16le } from '../support/signals.js';
import { speech } from '../support/speech.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { noTerminal, TerminalProcess } from '../support/terminal.js';
import { type Finished, WakegateProcess, wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
/** Samples of a take, rounded up to whole pieces of 80 ms, as they are read. */
const TAKE = 40_960;
let said: Int16Array;

before(async () => {
  said = new Int16Array(TAKE);
  const word = (await speech('hey kitchen')).subarray(0, 24_000);
  said.set(
    word.map((sample) => sample / 2),
    8000,
  );
});

/** A state directory, with these keywords. */
async function stateWith(...keywords: OwnKeyword[]): Promise<string> {
  const state = mkdtempSync(join(folder, 'state-'));
  for (const keyword of keywords) await new KeywordFolder(state).write(keyword);
  return state;
}

function keyword(t: TestContext, state: string, ...args: string[]): Promise<Finished> {
  return wakegate(t, ['keyword', ...args, '--state-directory', state, '--url', 'http://127.0.0.1:9']);
}

/** The one sentence that it fails with. */
function refusal({ code, stdout, stderr }: Finished): string {
  assert.equal(code, 2, stderr);
  assert.equal(stdout, '');
  const lines = stderr.trim().split('\n');
  assert.equal(lines.length, 1, stderr);
  return lines[0].replace('wakegate: [WG_KEYWORD_INVALID] ', '');
}

test('names and phrases that cannot be are refused in one sentence, and nothing is written', async (t) => {
  const state = await stateWith(await deafKeyword('uber', 'über'));
  const add = async (...args: string[]) => refusal(await keyword(t, state, 'add', ...args));
  assert.match(await add(''), /^the phrase is empty/);
  assert.match(await add('alexa'), /^there is a keyword alexa in wake-words-en already: .* --name$/);
  assert.match(await add('uber'), /^there is a keyword uber of your own already, which is "über": /);
  assert.match(await add('hey kitchen', '--name', 'uber'), /of your own already/);
  assert.match(await add('hey kitchen', '--name', 'Hey'), /^"Hey" is no name: use lower case letters/);
  assert.match(
    await add('привет', '--language', 'ru'),
    /^no name can be made .*: give it a name with --name$/,
  );
  const none = await keyword(t, state, 'add', 'hey kitchen', '--record', '0');
  assert.match(none.stderr, /'--record <n>' argument '0' is invalid\. Give a whole number of 1 or more\./);
  assert.deepEqual(readdirSync(state), ['keywords']);
  assert.deepEqual(readdirSync(join(state, 'keywords')), ['uber.json']);
});

test('takes that cannot be used are named, all at once', async (t) => {
  const state = await stateWith();
  const takes = mkdtempSync(join(folder, 'takes-'));
  const write = (name: string, samples: Int16Array) =>
    writeFileSync(join(takes, name), writeWav(samples, 16_000));
  write('good.wav', said);
  write('silent.wav', new Int16Array(40_000));
  write(
    'loud.wav',
    said.map((sample) => Math.max(-32_768, Math.min(32_767, 60 * sample))),
  );
  const all = refusal(await keyword(t, state, 'add', 'hey kitchen', '--recordings', takes));
  assert.match(all, /^loud\.wav is clipped: .*; silent\.wav is silent: record again, or leave out$/);
  assert.deepEqual(readdirSync(state), []);
});

test('a full disk is reported in one sentence, for what is typed and for what is recorded', {
  skip: process.getuid?.() !== 0 && 'only root can mount a disk',
}, async (t) => {
  const disk = mkdtempSync(join(folder, 'disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  if (mounted.status !== 0) return t.skip('no disk can be mounted');
  t.after(() => spawnSync('umount', ['-l', disk]));
  assert.throws(() => writeFileSync(join(disk, 'all'), new Uint8Array(100_000)), { code: 'ENOSPC' });
  const { PATH } = programs(said);
  const typed = await keyword(t, disk, 'add', 'hey kitchen');
  const args = ['keyword', 'add', 'hey kitchen', '--record', '1', '--recorder', 'arecord'];
  const recorded = await wakegate(t, [...args, '--state-directory', disk], { env: { PATH } });
  for (const { code, stderr } of [typed, recorded]) {
    assert.equal(code, 1);
    assert.match(stderr, /\[WG_STATE_UNUSABLE\] the disk is full \(.* cannot be written\): free some space/);
  }
  const left = readdirSync(disk, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(
    left.map(({ name }) => name),
    ['all'],
  );
});

test('a keyword of another trunk is listed as that, and not improved', async (t) => {
  const ours = await deafKeyword('hey_kitchen', 'hey kitchen');
  const other = { ...ours, trunk: { pack: 'another', fingerprint: '00000000' } };
  const state = await stateWith(other);
  const { stdout } = await keyword(t, state, 'list');
  assert.match(stdout, /\(made for another of another trunk: add it again\)/);
  const captures = join(state, 'captures');
  mkdirSync(captures);
  const id = '20260101-000000-01234567';
  const capture = {
    ...{ id, kind: 'detection', model: 'another', keyword: 'hey_kitchen', score: 0.9, label: 'right' },
    ...{ word: null, heardAt: '2026-01-01T00:00:00.000Z', seconds: 2.5, bytes: 81_964 },
  };
  writeFileSync(join(captures, `${id}.json`), JSON.stringify(capture));
  writeFileSync(join(captures, `${id}.wav`), writeWav(said, 16_000));
  const before = readFileSync(join(state, 'keywords', 'hey_kitchen.json'), 'utf8');
  const refused = await keyword(t, state, 'improve', 'hey_kitchen');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /was made for model pack another .* add it again for this pack/);
  assert.equal(readFileSync(join(state, 'keywords', 'hey_kitchen.json'), 'utf8'), before);
});

test('the last change is taken back, and that too', async (t) => {
  const first = await deafKeyword('hey_kitchen', 'hey kitchen');
  const state = await stateWith(first, { ...first, threshold: 0.5 });
  const thresholdNow = async () => (await new KeywordFolder(state).get('hey_kitchen')).threshold;
  for (const expected of [0.9, 0.5]) {
    const { stdout } = await keyword(t, state, 'improve', 'hey_kitchen', '--back');
    assert.match(stdout, /hey_kitchen is as it was before/);
    assert.equal(await thresholdNow(), expected);
  }
  const without = await keyword(t, await stateWith(first), 'improve', 'hey_kitchen', '--back');
  assert.match(without.stderr, /was never changed: there is nothing to take back/);
  assert.equal(
    formatOwnKeyword(first),
    formatOwnKeyword(await new KeywordFolder(state).earlier('hey_kitchen')),
  );
});

/** A recorder that hears these sounds, one after the other, and a player that notes what it plays. */
function programs(...sounds: Int16Array[]): { PATH: string; played: string } {
  const bin = mkdtempSync(join(folder, 'bin-'));
  const files = sounds.map((samples, i) => {
    const file = join(bin, `sound-${i}.raw`);
    writeFileSync(file, s16le(samples));
    return file;
  });
  // As much as a recorder is read ahead of at most, and then more of it when that was taken.
  const text = `#!${process.execPath}
const { readFileSync } = require('node:fs');
const files = ${JSON.stringify(files)};
const next = () => {
  const file = files.shift();
  if (file) process.stdout.write(readFileSync(file), () => setTimeout(next, 300));
};
next();
setInterval(() => {}, 1000);
`;
  writeFileSync(join(bin, 'arecord'), text, { mode: 0o755 });
  const played = join(bin, 'played');
  writeFileSync(join(bin, 'aplay'), `#!/bin/sh\necho "$1" >> ${played}\n`, { mode: 0o755 });
  return { PATH: `${bin}${delimiter}${process.env.PATH}`, played };
}

test('takes are recorded with a microphone, one that is silent or clipped once more', async (t) => {
  const state = await stateWith();
  const clipped = said.map((sample) => Math.max(-32_768, Math.min(32_767, 60 * sample)));
  const { PATH } = programs(said, new Int16Array(TAKE), clipped, said);
  const args = ['keyword', 'add', 'hey kitchen', '--record', '2', '--recorder', 'arecord'];
  const adding = new WakegateProcess(t, [...args, '--state-directory', state], { env: { PATH } });
  await adding.stderrMatch(
    /Take 1 of 2: say "hey kitchen" now, once\n {2}the word has -\d+ dBFS, the noise \d+ dB/,
  );
  await adding.stderrMatch(/Take 2 of 2.*\nThat take is silent\. Once more\.\nTake 2 of 2/);
  await adding.stderrMatch(/That take is clipped: .*\. Once more\.\nTake 2 of 2/);
  const [, kept] = await adding.stderrMatch(/if that is interrupted, continue with --recordings (\S+)\n/);
  assert.deepEqual(readdirSync(kept), ['take-1.wav', 'take-2.wav']);
});

test('on a terminal a take is played and recorded again', { skip: noTerminal }, async (t) => {
  const state = await stateWith();
  const { PATH, played } = programs(said, said, said);
  const args = ['keyword', 'add', 'hey kitchen', '--record', '1', '--recorder', 'arecord'];
  const adding = new TerminalProcess(t, [...args, '--state-directory', state], { PATH });
  const shown = (count: number) => adding.match(new RegExp(`(?:a records it again: [\\s\\S]*){${count}}`));
  await adding.match(/\[#+\.*\] -\d+ dBFS/);
  await shown(1);
  adding.type('p\n');
  await shown(2);
  assert.match(readFileSync(played, 'utf8'), /take-1\.wav\n$/);
  adding.type('a\n');
  await adding.match(/(?:Take 1 of 1[\s\S]*){2}/);
  await shown(3);
  adding.type('\n');
  await adding.match(/continue with --recordings/);
  assert.ok(existsSync(join(state, 'keyword-recordings', 'hey_kitchen', 'take-1.wav')));
});

test('a recorder that fails is reported at once', async (t) => {
  const bin = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(
    join(bin, 'arecord'),
    '#!/bin/sh\necho "arecord: main:831: audio open error: Device or resource busy" >&2\nexit 1\n',
    {
      mode: 0o755,
    },
  );
  const PATH = `${bin}${delimiter}${process.env.PATH}`;
  const args = ['keyword', 'add', 'hey kitchen', '--record', '2', '--recorder', 'arecord'];
  const { code, stderr } = await wakegate(t, [...args, '--state-directory', await stateWith()], {
    env: { PATH },
  });
  assert.equal(code, 1);
  assert.match(stderr, /WG_RECORDER_FAILED\] .*(?:in use|busy)/);
});
