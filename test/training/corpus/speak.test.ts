import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { writeWav } from '../../../src/audio/index.js';
import { checkAudible, checkEnough } from '../../../src/training/corpus/check-recordings.js';
import { readCorpus } from '../../../src/training/corpus/corpus.js';
import { readManifest } from '../../../src/training/corpus/manifest.js';
import { addSpoken } from '../../../src/training/corpus/speak.js';
import { speakAll } from '../../../src/training/corpus/synthesize.js';
import { Random } from '../../../src/training/random.js';
import type { Voice } from '../../../src/training/voices/voice.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const PROGRAMS = ['flite', 'text2wave', 'espeak-ng'];
const missing = PROGRAMS.filter((program) => spawnSync(program, ['--version']).error);
const skip = missing.length > 0 && `${missing.join(', ')} not installed`;

const root = temporaryFolder();
let count = 0;
let data: string;

/** Speech for both splits, and a column that training knows nothing of. */
beforeEach(() => {
  data = join(root, String(count++));
  mkdirSync(data);
  const lines = ['licence,path,split,kind,label,corpus,speaker'];
  for (const split of ['train', 'dev']) {
    writeFileSync(join(data, `${split}.wav`), writeWav(new Int16Array(16_000), 16_000));
    lines.push(`CC0,${split}.wav,${split},speech,speech,own,`);
  }
  // Without a line end, as some editors leave it.
  writeFileSync(join(data, 'manifest.csv'), lines.join('\n'));
});

const settings = () => ({ keywords: ['hey_pi'], clips: 20, seed: 1, by: 'programs' as const, data });

test('speaks a keyword, by other voices for dev, so that it can be trained on', { skip }, async () => {
  assert.deepEqual(await addSpoken(settings()), { train: 20, dev: 5 });
  assert.deepEqual(readdirSync(join(data, 'synthesized')), ['hey_pi']);
  const recordings = await readManifest(join(data, 'manifest.csv'));
  assert.equal(recordings.length, 27);
  assert.deepEqual(
    recordings.slice(0, 2).map(({ path, corpus }) => [path, corpus]),
    [
      ['train.wav', 'own'],
      ['dev.wav', 'own'],
    ],
  );
  checkEnough(recordings, ['hey_pi']);
  const cache = join(data, 'cache');
  for (const split of ['train', 'dev'] as const) checkAudible(await readCorpus(split, cache, { data }));
});

test('does not speak a keyword twice, and leaves the manifest as it was', { skip }, async () => {
  await addSpoken(settings());
  const before = readFileSync(join(data, 'manifest.csv'), 'utf8');
  await assert.rejects(addSpoken({ ...settings(), keywords: ['other', 'hey_pi'] }), {
    code: 'WG_DATA_INVALID',
    message: /synthesized clips of hey_pi already/,
  });
  assert.equal(readFileSync(join(data, 'manifest.csv'), 'utf8'), before);
  assert.ok(!existsSync(join(data, 'synthesized/other')));
});

test('what was spoken when it was interrupted is not spoken again', async () => {
  const folder = join(data, 'speaking');
  const said: string[] = [];
  /** Voices whose clips tell them apart; the fourth clip fails. */
  const speak = (failing: boolean) => {
    let drawn = 0;
    const draw = (): Voice => {
      const number = ++drawn;
      const speak = async (text: string, path: string) => {
        if (failing && number === 4) throw new Error('interrupted');
        said.push(`${text} ${number}`);
        writeFileSync(path, writeWav(new Int16Array(2_000).fill(number), 16_000));
      };
      return { name: `voice ${number}`, speak };
    };
    return speakAll([{ text: 'hey pi', label: 'hey_pi' }], 6, new Random(1), draw, folder);
  };
  await assert.rejects(speak(true), /interrupted/);
  const before = said.splice(0);
  const spoken = await speak(false);
  assert.deepEqual(
    spoken.map(({ voice, samples }) => [voice, samples[0]]),
    [1, 2, 3, 4, 5, 6].map((number) => [`voice ${number}`, number]),
  );
  assert.ok(before.includes('hey pi 3') && said.includes('hey pi 4'));
  assert.deepEqual(
    said.filter((one) => before.includes(one)),
    [],
  );
});

test('says what is wrong before anything is spoken', async () => {
  const cases = [
    [{ clips: 19 }, 'WG_USAGE', /--clips 19: training needs 20/],
    [{ keywords: ['../up'] }, 'WG_USAGE', /keyword "\.\.\/up": use letters/],
    [{ data: join(data, 'none') }, 'WG_DATA_INVALID', /no manifest can be read/],
  ] as const;
  for (const [change, code, message] of cases) {
    await assert.rejects(addSpoken({ ...settings(), ...change }), { code, message });
  }
  assert.ok(!existsSync(join(data, 'synthesized')));
});

test('recordings that are new in the manifest are decoded, and added to those that were', async () => {
  const cache = join(data, 'cache');
  const manifest = join(data, 'manifest.csv');
  const [first] = await readCorpus('train', cache, { data });
  const later = new Int16Array(8_000).fill(7);
  writeFileSync(join(data, 'later.wav'), writeWav(later, 16_000));
  const [header, ...lines] = readFileSync(manifest, 'utf8').split('\n');
  writeFileSync(manifest, [header, 'CC0,later.wav,train,speech,speech,own,', ...lines].join('\n'));
  // Of what was decoded, the file is not read again.
  writeFileSync(join(data, 'train.wav'), '');
  for (const _ of ['added', 'kept']) {
    const clips = await readCorpus('train', cache, { data });
    assert.deepEqual(
      clips.map(({ path }) => path),
      ['later.wav', 'train.wav'],
    );
    assert.deepEqual(clips[0].samples, later);
    assert.deepEqual(clips[1].samples, first.samples);
  }
});
