import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readAudioFile, writeWav } from '../../../src/audio/index.js';
import { parseCsv } from '../../../src/training/corpus/csv.js';
import { readManifest } from '../../../src/training/corpus/manifest.js';
import type { PublicCorpus } from '../../../src/training/recordings/corpus-source.js';
import { fetchRecordings } from '../../../src/training/recordings/fetch-recordings.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { wakegate } from '../../support/wakegate-process.js';

const folder = temporaryFolder();
const repository = join(folder, 'origin', 'sounds');
let commit: string;

const git = (...args: string[]) =>
  execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    encoding: 'utf8',
  }).trim();
const tone = (hz: number, seconds: number, rate: number) =>
  writeWav(
    Int16Array.from({ length: seconds * rate }, (_, i) =>
      Math.round(9000 * Math.sin((2 * Math.PI * hz * i) / rate)),
    ),
    rate,
  );

const SPEAKERS = ['ann', 'ben', 'cy', 'dee'];
before(() => {
  mkdirSync(repository, { recursive: true });
  git('init', '--quiet');
  for (const [i, speaker] of SPEAKERS.entries()) {
    mkdirSync(join(repository, speaker));
    // At other rates than ours, and one file is in there twice.
    for (const word of ['go', 'up']) {
      const hz = 200 + 50 * i + (word === 'go' ? 0 : 500);
      writeFileSync(join(repository, speaker, `${word}.wav`), tone(hz, 1, 44_100));
    }
    writeFileSync(join(repository, speaker, 'again, "go".wav'), tone(200 + 50 * i, 1, 44_100));
  }
  writeFileSync(join(repository, 'ann', 'broken.wav'), 'RIFF, but no sound');
  writeFileSync(join(repository, 'ann', 'click.wav'), tone(1000, 0.2, 8000));
  writeFileSync(join(repository, 'README.md'), 'Sounds.');
  git('add', '.');
  git('commit', '--quiet', '-m', 'Sounds');
  commit = git('rev-parse', 'HEAD');
  // What comes later is not part of the corpus.
  writeFileSync(join(repository, 'ann', 'later.wav'), tone(100, 1, 16_000));
  git('add', '.');
  git('commit', '--quiet', '-m', 'More');
});

/** The repository as a corpus; dee is of the test split, and ben of dev. */
function corpus(name: string, changed: Partial<PublicCorpus['from']> = {}): PublicCorpus {
  return {
    name,
    what: 'tones',
    licence: 'CC0-1.0',
    from: { type: 'git', url: pathToFileURL(repository).href, commit, ...changed } as PublicCorpus['from'],
    files: /\.wav$/,
    describe: (path) => {
      const [speaker, file] = path.split('/');
      const split = speaker === 'dee' ? 'test' : speaker === 'ben' ? 'dev' : 'train';
      return { kind: 'word', label: file.includes('go') ? 'go' : 'up', speaker, split };
    },
  };
}

const rowsOf = (out: string) => parseCsv(readFileSync(join(out, 'manifest.csv'), 'utf8')).slice(1);

test('recordings of a repository at its commit are decoded to 16 kHz and listed', async () => {
  const out = join(folder, 'one');
  const lines: string[] = [];
  const fetched = await fetchRecordings({
    corpora: [corpus('tones')],
    out,
    splits: ['train', 'dev'],
    onLine: (line) => lines.push(line),
  });
  assert.deepEqual(fetched.missing, []);
  assert.equal(fetched.clips, 6, 'go and up of three speakers, each sound once');
  assert.match(
    lines.at(-1)!,
    /^tones: 6 clips, 0\.00 h; 3 in other splits or left out; 2 not decodable or too short$/,
  );
  const recordings = await readManifest(join(out, 'manifest.csv'));
  const of = (speaker: string) => recordings.filter((one) => one.speaker === speaker);
  assert.deepEqual(
    of('ann').map(({ label, split, kind, corpus }) => [label, split, kind, corpus]),
    [
      ['go', 'train', 'word', 'tones'],
      ['up', 'train', 'word', 'tones'],
    ],
  );
  assert.deepEqual(new Set(of('ben').map(({ split }) => split)), new Set(['dev']));
  assert.deepEqual(of('dee'), [], 'test has to be asked for by name');
  assert.equal(readdirSync(join(out, 'audio')).includes('test'), false);
  const [row] = rowsOf(out).filter((cells) => cells[5] === 'cy' && cells[3] === 'up');
  assert.deepEqual(row.slice(6, 9), ['1.000', 'CC0-1.0', pathToFileURL(repository).href]);
  assert.equal(row[9], 'cy/up.wav');
  const samples = await readAudioFile(join(out, row[0]));
  assert.equal(samples.length, 16_000);
  let crossings = 0;
  for (let i = 1; i < samples.length; i++) if (samples[i - 1] < 0 && samples[i] >= 0) crossings++;
  assert.ok(Math.abs(crossings - 800) <= 1, `800 Hz: ${crossings}`);

  const asked = await fetchRecordings({ corpora: [corpus('tones')], out, splits: ['test'] });
  assert.equal(asked.clips, 8);
});

test('an interrupted run continues, and the repository is fetched once', async () => {
  const out = join(folder, 'two');
  const corpora = [corpus('first'), corpus('second')];
  const settings = { corpora, out, splits: ['train'] as const };
  await assert.rejects(
    fetchRecordings({
      ...settings,
      onLine: (line) => {
        if (line.startsWith('second')) throw new Error('interrupted');
      },
    }),
    /interrupted/,
  );
  const before = rowsOf(out);
  assert.equal(before.length, 4);
  const times = before.map(([path]) => statSync(join(out, path)).mtimeMs);
  // One of its files is lost, and so is made again.
  rmSync(join(out, before[0][0]));
  const moved = `${repository}-moved`;
  execFileSync('mv', [repository, moved]);
  try {
    const { clips, missing } = await fetchRecordings(settings);
    assert.deepEqual([clips, missing], [8, []]);
  } finally {
    execFileSync('mv', [moved, repository]);
  }
  assert.deepEqual(
    before.slice(1).map(([path]) => statSync(join(out, path)).mtimeMs),
    times.slice(1),
  );
  statSync(join(out, before[0][0]));
  assert.deepEqual(new Set(rowsOf(out).map((cells) => cells[4])), new Set(['first', 'second']));
});

test('a corpus that is held out is dev as a whole, also where it was fetched for training before', async () => {
  const out = join(folder, 'held-out');
  const settings = { corpora: [corpus('kept'), corpus('held')], out };
  await fetchRecordings({ ...settings, splits: ['train'] });
  await fetchRecordings({ ...settings, splits: ['train', 'dev', 'test'], heldOut: ['held'] });
  const recordings = await readManifest(join(out, 'manifest.csv'));
  const splits = (name: string) =>
    Object.fromEntries(
      recordings.filter(({ corpus }) => corpus === name).map(({ speaker, split }) => [speaker, split]),
    );
  assert.deepEqual(splits('kept'), { ann: 'train', ben: 'dev', cy: 'train', dee: 'test' });
  assert.deepEqual(splits('held'), { ann: 'dev', ben: 'dev', cy: 'dev', dee: 'test' });
  assert.equal(recordings.length, 16, 'nothing is fetched twice');
});

test('what cannot be had is named with the reason, and the rest is fetched', async () => {
  const out = join(folder, 'three');
  const wrong = '0123456789'.repeat(4);
  const { clips, missing } = await fetchRecordings({
    corpora: [
      corpus('altered', { commit: wrong }),
      corpus('gone', { url: pathToFileURL(join(folder, 'nowhere')).href }),
      corpus('offline', { url: 'http://127.0.0.1:1/owner/sounds' }),
      corpus('package', { type: 'debian', package: 'no-such-package-of-wakegate' } as never),
      corpus('there'),
    ],
    out,
    splits: ['dev'],
  });
  assert.equal(clips, 2);
  const why = Object.fromEntries(missing.map((one) => [one.corpus, one.why]));
  assert.deepEqual(Object.keys(why), ['altered', 'gone', 'offline', 'package']);
  assert.match(why.altered, new RegExp(`has no commit ${wrong}`));
  assert.match(why.gone, /nowhere cannot be fetched/);
  assert.match(why.offline, /cannot be fetched, is there a network\? git says: .*127\.0\.0\.1/);
  assert.match(why.package, /no-such-package-of-wakegate|apt-get is not installed/);
});

test('a mirror is used instead of the network', async () => {
  const mirror = join(folder, 'mirror');
  mkdirSync(join(mirror, 'origin+sounds'), { recursive: true });
  execFileSync('cp', ['-r', repository, join(mirror, 'origin+sounds', 'repo')]);
  const url = 'https://example.invalid/origin/sounds';
  const settings = { out: join(folder, 'four'), splits: ['dev'] as const, mirror };
  const { clips } = await fetchRecordings({ ...settings, corpora: [corpus('tones', { url })] });
  assert.equal(clips, 2);
  const other = corpus('tones', { url: 'https://example.invalid/origin/others' });
  const { missing } = await fetchRecordings({ ...settings, corpora: [other] });
  assert.match(missing[0].why, /it is not in .*mirror \(as origin\+others\/repo\)/);
});

test('a folder with a manifest from elsewhere is left alone', async () => {
  const out = join(folder, 'five');
  mkdirSync(out);
  const text = 'path,split,kind,label,corpus,speaker\na.wav,dev,word,go,own,\n';
  writeFileSync(join(out, 'manifest.csv'), text);
  await assert.rejects(fetchRecordings({ corpora: [corpus('tones')], out, splits: ['dev'] }), {
    code: 'WG_DATA_INVALID',
    message: /was not written by "wakegate train recordings": choose another folder/,
  });
  assert.equal(readFileSync(join(out, 'manifest.csv'), 'utf8'), text);
});

test('the command lists what there is, and says what is wrong', async (t) => {
  const list = await wakegate(t, ['train', 'recordings', '--list', '--only', 'kitchen|asterisk-it']);
  assert.equal(list.code, 0, list.stderr);
  assert.match(
    list.stdout,
    /^kitchen20: .*kitchen\n {2}Apache-2\.0; https:\/\/github\.com\/.*\/tree\/[0-9a-f]{40}\n/,
  );
  assert.equal(list.stdout.trim().split('\n').length, 4);

  const run = (...args: string[]) => wakegate(t, ['train', 'recordings', ...args]);
  const [pattern, none, out, split, missing, noGit] = await Promise.all([
    run('--only', '('),
    run('--only', 'nothing-like-it'),
    run(),
    run('--split', 'everything'),
    run('--out', join(folder, 'six'), '--only', 'kitchen20', '--mirror', folder),
    wakegate(t, ['train', 'recordings', '--out', join(folder, 'seven'), '--only', 'kitchen20'], {
      env: { PATH: folder },
    }),
  ]);
  assert.equal(pattern.code, 2);
  assert.match(none.stderr, /--only nothing-like-it fits no corpus; there are common-voice, /);
  assert.match(out.stderr, /name a folder for the recordings with --out/);
  assert.match(split.stderr, /Give train, dev or test/);
  assert.equal(missing.code, 1);
  assert.match(
    missing.stderr,
    /kitchen20: left out, it is not in .*\n.*1 of 1 corpora are missing \(kitchen20/s,
  );
  assert.match(noGit.stderr, /WG_PROGRAM_MISSING\] git is not installed/);
});

test('a full disk is reported as that, and the run can be continued', async () => {
  const out = join(folder, 'eight');
  // Files of more than this many blocks of 512 bytes cannot be written: as with a full disk, a write fails.
  const program = `
    import { fetchRecordings } from ${JSON.stringify(new URL('../../../src/training/recordings/fetch-recordings.js', import.meta.url).href)};
    const from = ${JSON.stringify(corpus('tones').from)};
    const describe = () => ({ kind: 'noise', label: 'noise', speaker: '', split: 'train' });
    const corpora = [{ name: 'tones', what: '', licence: '', from, files: /up\\.wav$/, describe }];
    await fetchRecordings({ corpora, out: ${JSON.stringify(out)}, splits: ['train'] })
      .catch((error) => { console.log(error.code, error.message); process.exitCode = 1; });`;
  const limited = `trap '' XFSZ; ulimit -f 100; exec "$0" --input-type=module -e "$1"`;
  assert.throws(
    () => execFileSync('sh', ['-c', limited, process.execPath, program], { encoding: 'utf8', stdio: 'pipe' }),
    (error: { readonly stdout: string }) =>
      /WG_DATA_INVALID .*eight cannot hold more \(EFBIG\): free some space, then run the command again/.test(
        error.stdout,
      ),
  );
  const settings = { corpora: [corpus('tones')], out, splits: ['train'] as const };
  assert.equal((await fetchRecordings(settings)).clips, 4);
});
