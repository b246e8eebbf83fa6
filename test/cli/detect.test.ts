import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { writeWav } from '../../src/audio/index.js';
import type { FileReport } from '../../src/protocol/index.js';
import { oggOpusOfNothing } from '../support/hostile-audio.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { wakegate } from '../support/wakegate-process.js';
import { wavBytes } from '../support/wav-bytes.js';

const folder = temporaryFolder();
const DETECT = ['detect', '--model', './pack', '--backend', 'wasm'];

before(async () => {
  await makeTinyPack(join(folder, 'pack'));
  const wav = writeWav(voice(16_000, 1.5), 16_000);
  writeFileSync(join(folder, 'voice.wav'), wav);
  writeFileSync(join(folder, 'same voice.wav'), wav);
  writeFileSync(join(folder, 'longer.wav'), writeWav(voice(8000, 2.25), 8000));
  writeFileSync(join(folder, 'text.wav'), 'this is no audio at all, however long the line is made\n');
  writeFileSync(join(folder, 'empty.wav'), '');
  writeFileSync(join(folder, 'cut.wav'), wav.subarray(0, wav.length / 2));
});

const parse = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** What does not depend on how fast the machine is. */
const heard = ({ cpuMs: _, ...rest }: FileReport) => rest;

test('with --json, a line for each file in their order, the bad ones too, and exit code 1', async (t) => {
  const files = [
    'voice.wav',
    'text.wav',
    'empty.wav',
    'cut.wav',
    'longer.wav',
    'missing.wav',
    'same voice.wav',
  ];
  const { code, stdout, stderr } = await wakegate(t, [...DETECT, '--json', ...files], { cwd: folder });
  assert.equal(code, 1);
  assert.equal(stderr, '');
  const lines = parse(stdout);
  assert.deepEqual(
    lines.map(({ file, error }) => [file, error?.code]),
    [
      ['voice.wav', undefined],
      ['text.wav', 'WG_AUDIO_UNSUPPORTED'],
      ['empty.wav', 'WG_AUDIO_EMPTY'],
      ['cut.wav', undefined],
      ['longer.wav', undefined],
      ['missing.wav', 'WG_INPUT_NOT_FOUND'],
      ['same voice.wav', undefined],
    ],
  );
  // A header that promises more than there is.
  assert.match(lines[3].warning, /cut\.wav ends inside its data chunk.*what there is was heard/);
  assert.equal(lines[3].seconds, 0.749);
  for (const { error } of lines) if (error) assert.deepEqual(Object.keys(error), ['code', 'message']);
});

test('files are decoded apart from the rest: what a decoder prints reaches nobody', async (t) => {
  writeFileSync(join(folder, 'nothing.opus'), oggOpusOfNothing());
  const { code, stdout, stderr } = await wakegate(t, [...DETECT, '--json', 'nothing.opus'], { cwd: folder });
  assert.equal(code, 1);
  assert.equal(parse(stdout)[0].error.code, 'WG_AUDIO_INVALID');
  assert.equal(stderr, '');
});

test('a report has these fields, and they agree with each other', async (t) => {
  const args = [...DETECT, '--json', '--gate', 'off', 'longer.wav'];
  const { code, stdout } = await wakegate(t, args, { cwd: folder });
  assert.equal(code, 0);
  const [report] = parse(stdout) as [FileReport];
  assert.deepEqual(Object.keys(report), [
    'file',
    'seconds',
    'detections',
    'scores',
    'gate',
    'handoffs',
    'cpuMs',
  ]);
  assert.deepEqual(Object.keys(report.scores), ['one', 'two']);
  assert.deepEqual(Object.keys(report.gate), ['steps', 'passed', 'openings', 'maxScore']);
  assert.deepEqual(Object.keys(report.handoffs), ['count', 'bytes', 'denseBytes']);
  assert.deepEqual(Object.keys(report.cpuMs), ['features', 'gate', 'handoff', 'classifier', 'secondLook']);
  assert.ok(Math.abs(report.seconds - 2.25) < 0.001);
  // A step is 40 ms; the flushed tail comes on top.
  assert.ok(report.gate.steps > report.seconds / 0.04);
  assert.equal(report.gate.passed, report.gate.steps, 'with the gate off every step is handed over');
  assert.equal(report.handoffs.denseBytes, report.handoffs.count * 20 * 8 * 4);
  assert.ok(report.handoffs.bytes < report.handoffs.denseBytes);
  const { secondLook, ...stages } = report.cpuMs;
  assert.equal(secondLook, 0, 'the pack has none');
  assert.ok(Object.values(stages).every((ms) => ms > 0));
});

test('--channel listens to one channel by its number or name', async (t) => {
  const mono = voice(16_000, 1.5);
  const both = Float64Array.from({ length: 2 * mono.length }, (_, i) =>
    i % 2 === 1 ? mono[i >> 1] / 32_767 : 0,
  );
  const stereo = wavBytes(both, { tag: 1, bits: 16, rate: 16_000, channels: 2 });
  writeFileSync(join(folder, 'right.wav'), stereo);
  const on = async (channel: string) => {
    const args = [...DETECT, '--json', '--gate', 'off', '--channel', channel, 'right.wav'];
    const { code, stdout, stderr } = await wakegate(t, args, { cwd: folder });
    return { code, stderr, heard: code === 0 ? heard(parse(stdout)[0]).scores : parse(stdout || 'null')[0] };
  };
  const [right, second, left, third, wrong] = await Promise.all(['right', '2', 'left', '3', 'up'].map(on));
  const { stdout } = await wakegate(t, [...DETECT, '--json', '--gate', 'off', 'voice.wav'], { cwd: folder });
  assert.deepEqual(right.heard, parse(stdout)[0].scores);
  assert.deepEqual(second.heard, right.heard);
  assert.notDeepEqual(left.heard, right.heard);
  assert.match(third.heard.error.message, /no channel 3: it has 2/);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /left, right or mix/);
});

test('what is found in a file depends neither on the files next to it nor on --jobs', async (t) => {
  const files = ['voice.wav', 'longer.wav', 'same voice.wav', 'voice.wav'];
  const [oneByOne, atOnce] = await Promise.all(
    ['1', '4'].map(async (jobs) => {
      const { stdout } = await wakegate(t, [...DETECT, '--json', '--jobs', jobs, ...files], { cwd: folder });
      return parse(stdout).map(heard);
    }),
  );
  const [first, , same, last] = oneByOne;
  assert.ok(first.handoffs.count > 0 && first.scores.one > 0, 'there is something to compare');
  assert.deepEqual(last, first);
  assert.deepEqual(same, { ...first, file: 'same voice.wav' });
  assert.deepEqual(atOnce, oneByOne);
});

test('--list names files, relative to the working folder, in a file or on stdin', async (t) => {
  writeFileSync(join(folder, 'files.txt'), 'voice.wav\r\n\nsame voice.wav\n');
  const [fromFile, fromStdin] = await Promise.all([
    wakegate(t, [...DETECT, '--json', '--list', 'files.txt'], { cwd: folder }),
    wakegate(t, [...DETECT, '--json', '--list', '-'], { cwd: folder, stdin: 'voice.wav\nsame voice.wav' }),
  ]);
  for (const { code, stdout } of [fromFile, fromStdin]) {
    assert.equal(code, 0);
    assert.deepEqual(
      parse(stdout).map(({ file }) => file),
      ['voice.wav', 'same voice.wav'],
    );
  }
});

test('--threshold holds for every keyword', async (t) => {
  const at = async (threshold: string) => {
    const args = [...DETECT, '--json', '--gate', 'off', '--threshold', threshold, 'voice.wav'];
    return parse((await wakegate(t, args, { cwd: folder })).stdout)[0] as FileReport;
  };
  const [low, high] = await Promise.all([at('0.5'), at('1')]);
  assert.deepEqual(high.detections, []);
  assert.deepEqual(high.scores, low.scores);
  assert.ok(low.detections.length > 0);
  for (const { keyword, time, score } of low.detections) {
    assert.ok(time > 0 && time < low.seconds + 1);
    assert.ok(score >= 0.5 && score <= low.scores[keyword]);
  }
});

test('without --json, a line for each detection, errors on stderr, and a summary', async (t) => {
  const args = [...DETECT, '--gate', 'off', '--threshold', '0.5', 'voice.wav', 'text.wav'];
  const { code, stdout, stderr } = await wakegate(t, args, { cwd: folder });
  assert.equal(code, 1);
  assert.match(stderr, /^wakegate: \[WG_AUDIO_UNSUPPORTED\] [^\n]*text\.wav[^\n]*\n$/);
  const lines = stdout.trimEnd().split('\n');
  const summary = lines.pop();
  assert.ok(lines.length > 0);
  for (const line of lines) assert.match(line, /^voice\.wav {2}\d+\.\d\d s {2}(one|two) {2}\d\.\d{3}$/);
  assert.match(
    summary!,
    /^\d+ detections? in 1 file \(1\.5 s of audio, .* gate\); 1 file could not be processed$/,
  );
});
