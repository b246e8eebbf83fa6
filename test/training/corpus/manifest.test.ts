import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeWav } from '../../../src/audio/index.js';
import { checkAudible, checkEnough } from '../../../src/training/corpus/check-recordings.js';
import { readManifest } from '../../../src/training/corpus/manifest.js';
import { readClips } from '../../../src/training/corpus/manifest-clips.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const HEADER = 'path,split,kind,label,corpus,speaker';
mkdirSync(join(folder, 'audio'));
const tone = Int16Array.from({ length: 16_000 }, (_, i) => 8000 * Math.sin(i / 8));
writeFileSync(join(folder, 'audio/tone.wav'), writeWav(tone, 16_000));
writeFileSync(join(folder, 'audio/a, b.wav'), writeWav(tone, 16_000));
writeFileSync(join(folder, 'audio/silent.wav'), writeWav(new Int16Array(16_000), 16_000));
writeFileSync(join(folder, 'audio/short.wav'), writeWav(tone.subarray(0, 1600), 16_000));

function manifest(...lines: string[]): string {
  const path = join(folder, 'manifest.csv');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const refusal = (message: RegExp) => ({ code: 'WG_DATA_INVALID', message });

test('a manifest is read whatever the order of its columns, with commas and quotes in quotes', async () => {
  const path = manifest(
    'label,more,path,split,kind,speaker,corpus',
    'alexa,,"audio/a, b.wav",dev,word,"the ""one""",own',
    'speech,7,audio/tone.wav,train,speech,,own\r',
  );
  const recordings = await readManifest(path);
  assert.deepEqual(
    recordings.map(({ file, ...rest }) => rest),
    [
      {
        path: 'audio/a, b.wav',
        split: 'dev',
        kind: 'word',
        label: 'alexa',
        corpus: 'own',
        speaker: 'the "one"',
      },
      { path: 'audio/tone.wav', split: 'train', kind: 'speech', label: 'speech', corpus: 'own', speaker: '' },
    ],
  );
  assert.equal(recordings[0].file, join(folder, 'audio/a, b.wav'));
});

test('a manifest that is not there, or lacks a column, says which it needs', async () => {
  await assert.rejects(readManifest(join(folder, 'no.csv')), refusal(/no\.csv: .*path, split, kind/));
  const lacking = manifest('path,split,label', 'audio/tone.wav,dev,alexa');
  await assert.rejects(
    readManifest(lacking),
    refusal(/no column kind, corpus, speaker: .*names path, split, label/),
  );
});

test('a line that does not fit is named with its number', async () => {
  const wrong = (line: string, message: RegExp) =>
    assert.rejects(
      readManifest(manifest(HEADER, 'audio/tone.wav,dev,word,alexa,own,', line)),
      refusal(message),
    );
  await wrong('audio/tone.wav,dev,word', /line 3: 3 cells where the first line names 6/);
  await wrong('audio/tone.wav,devel,word,alexa,own,', /line 3: split "devel" .* train, dev, test/);
  await wrong('audio/tone.wav,dev,words,alexa,own,', /line 3: kind "words" .* word, speech, noise, music/);
  await wrong('audio/tone.wav,dev,word,,own,', /line 3: its label is empty/);
});

test('recordings that are not there are counted, and some are named', async () => {
  const lines = ['audio/tone.wav', 'a.wav', 'b.wav', 'c.wav', 'd.wav'].map(
    (file) => `${file},dev,word,alexa,own,`,
  );
  await assert.rejects(
    readManifest(manifest(HEADER, ...lines)),
    refusal(/names 4 of 5 recordings that are not there: \S*a\.wav, \S*b\.wav, \S*c\.wav and 1 more/),
  );
  await assert.rejects(readManifest(manifest(HEADER)), refusal(/names no recording/));
});

test('clips are decoded by split; what is too short or silent to hold a word is refused', async () => {
  const path = manifest(
    HEADER,
    'audio/tone.wav,dev,word,alexa,own,',
    'audio/silent.wav,test,word,alexa,own,',
    'audio/short.wav,train,word,alexa,own,',
    'audio/short.wav,dev,noise,noise,own,',
  );
  const clips = await readClips(path, 'dev');
  assert.deepEqual(
    clips.map(({ samples }) => samples.length),
    [16_000, 1600],
  );
  await assert.rejects(
    readClips(path, 'test'),
    refusal(/1 recordings of words are silent: .*audio\/silent\.wav/),
  );
  await assert.rejects(readClips(path, 'train'), refusal(/shorter than 0\.25 s.*audio\/short\.wav/));
  await assert.rejects(
    readClips(manifest(HEADER, 'audio/tone.wav,dev,word,alexa,own,'), 'test'),
    refusal(/no recording in split test: there is dev/),
  );
});

test('audible words pass', () => {
  checkAudible([{ path: 'x', kind: 'word', samples: tone }]);
});

test('too little to train on is reported before training, with how much is needed', () => {
  const many = (count: number, split: 'train' | 'dev', label: string, speakers = ['a', 'b'], kind = 'word') =>
    Array.from({ length: count }, (_, i) => ({
      split,
      kind: kind as 'word',
      label,
      corpus: 'own',
      speaker: speakers.length > 0 ? `${split}-${speakers[i % speakers.length]}` : '',
    }));
  const speech = [...many(1, 'train', 'speech', [], 'speech'), ...many(1, 'dev', 'speech', [], 'speech')];
  const enough = [...many(20, 'train', 'alexa'), ...many(5, 'dev', 'alexa'), ...speech];
  checkEnough(enough, ['alexa']);

  const refuses = (recordings: typeof enough, keywords: string[], message: RegExp) =>
    assert.throws(() => checkEnough(recordings, keywords), refusal(message));
  refuses(enough, ['alexia'], /no recording of keyword alexia; did you mean alexa\?/);
  refuses(
    [...many(7, 'train', 'alexa'), ...many(5, 'dev', 'alexa'), ...speech],
    ['alexa'],
    /alexa has 7 recordings in split train, and needs 20/,
  );
  refuses(
    [...many(20, 'train', 'alexa'), ...speech],
    ['alexa'],
    /alexa has 0 recordings in split dev, and needs 5/,
  );
  refuses(
    [...many(20, 'train', 'alexa', ['one']), ...many(5, 'dev', 'alexa'), ...speech],
    ['alexa'],
    /all 20 training recordings of alexa are of one speaker \(train-one\)/,
  );
  const shared = enough.map((recording) => ({
    ...recording,
    speaker: recording.speaker.replace(/^.*-/, ''),
  }));
  refuses(shared, ['alexa'], /2 speakers are in train and in dev \(own\/a, own\/b\)/);
  // Each corpus numbers its own speakers.
  checkEnough(
    shared.map((recording) => ({ ...recording, corpus: recording.split })),
    ['alexa'],
  );
  refuses(enough.slice(0, -1), ['alexa'], /split dev has no recording of kind speech/);
  // Unknown speakers are not one speaker.
  checkEnough([...many(20, 'train', 'alexa', []), ...many(5, 'dev', 'alexa', []), ...speech], ['alexa']);
});
