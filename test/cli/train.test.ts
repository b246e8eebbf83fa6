import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeWav } from '../../src/audio/index.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const HEADER = 'path,split,kind,label,corpus,speaker';
mkdirSync(join(folder, 'data'));
writeFileSync(join(folder, 'data/a.wav'), writeWav(new Int16Array(16_000), 16_000));

function withManifest(name: string, ...lines: string[]): Record<string, string> {
  const data = join(folder, name);
  mkdirSync(data);
  writeFileSync(join(data, 'manifest.csv'), [HEADER, ...lines].join('\n'));
  return { WAKEGATE_DATA: data };
}

test('training says what is amiss with the recordings before it starts', async (t) => {
  const refuses = async (args: readonly string[], env: Record<string, string>, says: RegExp) => {
    const { code, stderr } = await wakegate(t, ['train', ...args], { env, cwd: folder });
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^wakegate: \[WG_DATA_INVALID\] [^\n]*\n$/);
    assert.match(stderr, says);
  };
  const word = '../data/a.wav,train,word,bed,own,me';
  await Promise.all([
    refuses(['prepare'], { WAKEGATE_DATA: join(folder, 'none') }, /no manifest can be read/),
    refuses(
      ['trunk'],
      withManifest('lost', 'b.wav,train,speech,speech,own,'),
      /1 of 1 recordings that are not there/,
    ),
    refuses(['heads', '--keywords', 'bad'], withManifest('other', word), /keyword bad; did you mean bed\?/),
    refuses(
      ['heads', '--keywords', 'bed'],
      withManifest('few', word, word),
      /bed has 2 recordings in split train, and needs 20/,
    ),
    refuses(
      ['heads', '--keywords', 'bed'],
      withManifest('single', ...Array(20).fill(word), ...Array(5).fill(word.replace('train', 'dev'))),
      /all 20 training recordings of bed are of one speaker \(me\)/,
    ),
  ]);
});

test('flags that cannot be are wrong usage', async (t) => {
  const wrong = async (args: readonly string[], says: RegExp) => {
    const { code, stderr } = await wakegate(t, ['train', ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  };
  await Promise.all([
    wrong(['prepare', '--shard', '2/2'], /Give i\/n/),
    wrong(['trunk', '--steps', 'many'], /whole number/),
    wrong(['heads', '--keywords', 'bed,,cat'], /each once/),
    wrong(['export', '--run', 'x'], /required option '--out <dir>'/),
  ]);
});

test('the curve of a run is drawn: losses, shares, and misses at none and one false accept', async (t) => {
  const lines = [1000, 2000].map((step) => ({
    step,
    loss: 2000 / step,
    clean: [0, 1, 5].map((falseAccepts) => ({ falseAccepts, threshold: 0.9, falseRejects: 3, clips: 10 })),
    negativeHours: 1.3,
    gate: { threshold: 0.5, stopped: { speech: 0.9 } },
  }));
  writeFileSync(join(folder, 'curve.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  const { code, stderr } = await wakegate(t, ['train', 'curve', folder]);
  assert.equal(code, 0, stderr);
  const svg = readFileSync(join(folder, 'curve.svg'), 'utf8');
  for (const name of [
    'loss',
    'missed, clean, 0 false accepts',
    'missed, clean, 1 false accepts',
    'stopped speech',
  ]) {
    assert.match(svg, new RegExp(`>${name}<`));
  }
  assert.doesNotMatch(svg, /negativeHours|5 false accepts/);

  const none = await wakegate(t, ['train', 'curve', join(folder, 'data')]);
  assert.match(none.stderr, /^wakegate: \[WG_INPUT_NOT_FOUND\] there is no learning curve/);
});
