import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readAudioFile, writeWav } from '../../src/audio/index.js';
import type { PackDescription } from '../../src/model/index.js';
import { parseCsv } from '../../src/training/corpus/csv.js';
import type { Evaluation } from '../../src/training/evaluation/evaluation.js';
import { Random } from '../../src/training/random.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const manifest = join(folder, 'manifest.csv');
const HEADER = 'path,split,kind,label,corpus,speaker';

/** Tones that come and go, over noise: enough for an untrained gate to open now and then. */
function sound(seconds: number, random: Random): Int16Array {
  const hertz = random.between(150, 900);
  return Int16Array.from({ length: 16_000 * seconds }, (_, i) => {
    const envelope = Math.max(0, Math.sin((2 * Math.PI * i) / 16_000));
    return Math.round(6000 * envelope * Math.sin((2 * Math.PI * hertz * i) / 16_000) + 200 * random.normal());
  });
}

before(async () => {
  await makeTinyPack(pack);
  const random = new Random(3);
  mkdirSync(join(folder, 'audio'));
  const lines = [HEADER];
  const add = (name: string, kind: string, label: string, corpus: string, seconds: number) => {
    writeFileSync(join(folder, 'audio', `${name}.wav`), writeWav(sound(seconds, random), 16_000));
    lines.push(`audio/${name}.wav,dev,${kind},${label},${corpus},`);
  };
  for (let i = 0; i < 6; i++) add(`one${i}`, 'word', 'one', i < 2 ? 'near' : 'far', 1);
  for (let i = 0; i < 4; i++) add(`two${i}`, 'word', 'two', 'near', 1);
  add('three', 'word', 'three', 'near', 1);
  for (let i = 0; i < 2; i++) add(`talk${i}`, 'speech', 'speech', 'read', 8);
  add('hiss', 'noise', 'noise', 'field', 6);
  writeFileSync(manifest, `${lines.join('\n')}\n`);
});

test('eval measures a pack: all keywords, each, by corpus and noise level, with intervals and pictures', async (t) => {
  const charts = join(folder, 'charts');
  const args = [
    'eval',
    '--manifest',
    manifest,
    '--model',
    pack,
    '--backend',
    'wasm',
    '--noise-snr',
    '10',
    '0',
  ];
  const { code, stdout, stderr } = await wakegate(t, [...args, '--json', '--charts', charts]);
  assert.equal(code, 0, stderr);
  const figures = JSON.parse(stdout) as Evaluation;

  assert.deepEqual(Object.keys(figures.falseRejects), ['clean', 'snr10', 'snr0']);
  const { clean } = figures.falseRejects;
  assert.equal(clean.of, 10);
  assert.ok(clean.interval[0] <= clean.rate && clean.rate <= clean.interval[1]);
  const counts = (by: Evaluation['falseRejectsByKeyword']) =>
    Object.fromEntries(Object.entries(by).map(([name, rates]) => [name, rates.snr10.of]));
  assert.deepEqual(counts(figures.falseRejectsByKeyword), { one: 6, two: 4 });
  assert.deepEqual(counts(figures.falseRejectsByCorpus), { near: 6, far: 4 });
  assert.equal(figures.otherWords?.of, 1);
  assert.equal(figures.otherWordsStopped?.of, 1);
  const { recalls } = figures.balancedAccuracy!;
  assert.deepEqual(Object.keys(recalls).sort(), ['one', 'other words', 'silence', 'two']);
  assert.equal(recalls.one.of + recalls.two.of, 10);
  assert.equal(recalls.silence.of, 6);

  const { all, speech, noise, 'other words': words } = figures.falseAccepts;
  assert.ok(Math.abs(all.of - 23 / 3600) < 1e-9, 'a word that is no keyword is sound without one too');
  assert.equal(all.events, speech.events + noise.events + words.events);
  assert.deepEqual(Object.keys(figures.falseAcceptsByCorpus), ['read', 'field', 'near']);
  assert.deepEqual(Object.keys(figures.stoppedByCorpus), ['read', 'field']);
  assert.ok(figures.stopped.speech.interval !== null && figures.stopped.noise.interval === null);
  assert.ok(figures.compression.rate > 0.5 && figures.sparsity.rate > 0);
  assert.ok(figures.cpuMsPerSecond.gate > 0);

  // Run again over what was heard, the detector gives at the pack's own thresholds what the pipeline gave.
  for (const [condition, { rate }] of Object.entries(figures.falseRejects)) {
    const asItIs = figures.det[condition].find(({ offset }) => offset === 0)!;
    assert.equal(asItIs.falseRejects, rate);
    assert.ok(Math.abs(asItIs.falseAcceptsPerHour - all.rate) < 1e-9);
  }
  const rejects = figures.det.clean.map(({ falseRejects }) => falseRejects);
  assert.deepEqual(
    rejects,
    [...rejects].sort((a, b) => a - b),
    'higher thresholds miss more',
  );
  const stops = figures.gateCurve.map(({ falseStops }) => falseStops);
  assert.deepEqual(
    stops,
    [...stops].sort((a, b) => a - b),
  );
  // In seconds of sound a single false accept is too many an hour to be drawn.
  const lines = {
    'det.svg': ['missed, %'],
    'det-by-keyword.svg': ['missed, %'],
    'gate.svg': ['steps stopped, %', 'speech', 'noise'],
  };
  for (const [file, words] of Object.entries(lines)) {
    const svg = readFileSync(join(charts, file), 'utf8');
    assert.match(svg, /^<svg .*<\/svg>\n$/s);
    for (const word of words) assert.ok(svg.includes(`>${word}<`), `${file}: ${word}`);
  }

  const tables = await wakegate(t, [...args.slice(0, -3), '--split', 'all']);
  assert.match(tables.stdout, /\| missed, clean \| [\d.]+ % \(\d+ of 10; [\d.]+ % to [\d.]+ %\) \|/);
  assert.match(tables.stdout, /\| one \|.*\n\| two \|/);
  assert.match(tables.stdout, /\| field \|/);
});

test('eval hears keywords in conditions, over several manifests, and writes what went wrong', async (t) => {
  const second = join(folder, 'second.csv');
  writeFileSync(second, `${HEADER}\naudio/talk0.wav,dev,speech,speech,again,\n`);
  const failures = join(folder, 'failures');
  const { code, stdout, stderr } = await wakegate(
    t,
    [
      ...[
        'eval',
        '--manifest',
        manifest,
        '--manifest',
        second,
        '--model',
        pack,
        '--backend',
        'wasm',
        '--json',
      ],
      ...[
        '--conditions',
        'clean,band8k,telephone',
        '--conditions',
        'opus16k,gain-20',
        '--failures',
        failures,
      ],
    ],
    { env: { PATH: folder } },
  );
  assert.equal(code, 0, stderr);
  const figures = JSON.parse(stdout) as Evaluation;
  assert.deepEqual(Object.keys(figures.falseRejects), ['clean', 'band8k', 'telephone', 'gain-20']);
  assert.match(figures.skipped.opus16k, /ffmpeg is not installed/);
  assert.ok(Math.abs(figures.falseAccepts.all.of - 31 / 3600) < 1e-9, 'of both manifests');

  // Within 31 seconds, no number of false accepts below two an hour allows a single one.
  assert.deepEqual(
    figures.operatingCurve.map(({ atMost, falseAccepts }) => [atMost, falseAccepts.events]),
    [0, 0.25, 0.5, 1, 2].map((atMost) => [atMost, 0]),
  );
  const [none] = figures.operatingCurve;
  for (const { missed } of figures.operatingCurve) assert.deepEqual(missed, none.missed);
  // Where the thresholds may stay below those of the pack no more is missed, and above them no less.
  const more = Math.sign(none.offset);
  for (const [condition, { events }] of Object.entries(none.missed)) {
    assert.ok(more * (events - figures.falseRejects[condition].events) >= 0, condition);
  }

  const rows = (name: string) => parseCsv(readFileSync(join(failures, name), 'utf8')).slice(1);
  const missed = rows('missed.csv');
  const all = Object.entries(figures.falseRejects);
  for (const [condition, { events }] of all) {
    assert.equal(missed.filter(([of]) => of === condition).length, events, condition);
  }
  const stops = missed.filter(([of, , , , , , lostAt]) => of === 'gain-20' && lostAt === 'gate');
  assert.equal(stops.length, figures.falseStops['gain-20'].events);
  const accepts = rows('false-accepts.csv');
  assert.equal(accepts.length, figures.falseAccepts.all.events);
  const words = accepts.filter(([, , , , kind]) => kind === 'word').length;
  assert.equal(words, figures.falseAccepts['other words'].events);
  for (const line of [...missed, ...accepts]) {
    const sound = await readAudioFile(join(failures, line.at(-1)!));
    assert.ok(sound.length > 0 && sound.length <= 2.5 * 16_000);
    assert.ok(existsSync(line[2]), 'the recording it is of');
  }
});

test('an unknown condition is refused before anything is listened to', async (t) => {
  const { code, stderr } = await wakegate(t, ['eval', '--manifest', manifest, '--conditions', 'band9k']);
  assert.equal(code, 2);
  assert.match(stderr, /no condition "band9k"; there are all; clean; .*band8k/);
});

test('eval and calibrate say what is amiss with recordings before they listen', async (t) => {
  const refuses = async (args: readonly string[], says: RegExp) => {
    const { code, stderr } = await wakegate(t, args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^wakegate: \[WG_DATA_INVALID\] [^\n]*\n$/);
    assert.match(stderr, says);
  };
  const write = (name: string, ...lines: string[]) => {
    const path = join(folder, name);
    writeFileSync(path, [HEADER, ...lines].join('\n'));
    return path;
  };
  const unlabelled = write('unlabelled.csv', 'audio/three.wav,dev,word,three,near,');
  const quiet = write('quiet.csv', 'audio/one0.wav,dev,word,one,near,', 'audio/two0.wav,dev,word,two,near,');
  await Promise.all([
    refuses(
      ['eval', '--model', pack, '--manifest', join(folder, 'no.csv')],
      /no manifest can be read at .*no\.csv/,
    ),
    refuses(
      ['eval', '--model', pack, '--manifest', unlabelled],
      /labelled with a keyword of tiny \(one, two\).*three/,
    ),
    refuses(
      ['eval', '--model', pack, '--manifest', quiet, '--noise-snr', '10'],
      /no recording of kind noise/,
    ),
    refuses(
      ['calibrate', '--model', pack, '--manifest', unlabelled],
      /no recording of one, two to calibrate on/,
    ),
    refuses(
      ['calibrate', '--model', pack, '--manifest', quiet],
      /no recording of kind speech, noise or music/,
    ),
    refuses(
      ['calibrate', '--model', pack, '--manifest', manifest],
      /10 recordings of keywords, and 299 are needed to say with 95 % confidence/,
    ),
  ]);
});

test('a level, a share or a split that cannot be is wrong usage', async (t) => {
  const wrong = async (args: readonly string[], says: RegExp) => {
    const { code, stderr } = await wakegate(t, args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  };
  await Promise.all([
    wrong(['eval'], /required option '--manifest <csv\.\.\.>'/),
    wrong(['eval', '--manifest', manifest, '--noise-snr', 'loud'], /from -30 to 60/),
    wrong(['eval', '--manifest', manifest, '--split', 'devel'], /train, dev, test, all/),
    wrong(['calibrate', '--manifest', manifest, '--model', pack, '--false-stops', '2'], /over 0 and under 1/),
  ]);
});

test('calibrate writes thresholds and the curve of the gate into the pack, and nothing else', async (t) => {
  const own = join(folder, 'own');
  await makeTinyPack(own);
  const read = () => JSON.parse(readFileSync(join(own, 'pack.json'), 'utf8')) as PackDescription;
  const before = read();
  const args = [
    'calibrate',
    '--manifest',
    manifest,
    '--model',
    own,
    '--as-counted',
    '--false-stops',
    '0.1',
    '--json',
  ];
  const { code, stdout, stderr } = await wakegate(t, args);
  assert.equal(code, 0, stderr);
  const after = read();
  const { gate, thresholds } = JSON.parse(stdout);
  assert.equal(after.gate.threshold, gate.threshold);
  assert.deepEqual(after.gate.curve, gate.curve);
  const chosen = gate.curve.find((point: { threshold: number }) => point.threshold === gate.threshold);
  assert.ok(chosen.falseStopRate <= 0.1);
  assert.deepEqual(
    Object.fromEntries(after.keywords.map(({ name, threshold }) => [name, threshold])),
    thresholds,
  );
  const rest = ({ gate: { layers, hangoverSteps }, keywords, ...others }: PackDescription) => [
    layers,
    hangoverSteps,
    keywords.map(({ name, patience }) => [name, patience]),
    others,
  ];
  assert.deepEqual(rest(after), rest(before));
  assert.ok(!existsSync(join(own, 'pack.json.part')));
});
