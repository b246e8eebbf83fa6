import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readAudioFile } from '../src/audio/index.js';
import { fakeRecorders } from './support/fake-recorder.js';
import { withoutLibtensorflow } from './support/libtensorflow.js';
import { s16le } from './support/signals.js';
import { DEMO, DEMO_WORDS } from './support/spoken-words.js';
import { temporaryFolder } from './support/temp-folder.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NAMES = DEMO_WORDS.map(([word]) => word);

/** A program's folder, with wakegate installed and a recording in it. */
const folder = temporaryFolder();
const RAW = join(folder, 'kitchen.raw');

before(async () => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'wakegate'));
  mkdirSync(join(folder, 'samples'));
  copyFileSync(DEMO, join(folder, 'samples', 'demo.wav'));
  copyFileSync(DEMO, join(folder, 'kitchen.wav'));
  writeFileSync(RAW, s16le(await readAudioFile(DEMO)));
});

/** Runs a program to its end, with a recorder and raw audio on stdin; fails where it says anything on stderr. */
async function run(t: TestContext, program: string): Promise<string> {
  fakeRecorders(t, folder, { arecord: `play(${JSON.stringify(RAW)}); stay()` });
  const file = join(folder, `program-${Math.random()}.mjs`);
  writeFileSync(file, program);
  const child = spawn(process.execPath, [file], { cwd: folder, stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => {}); // not all of them read it
  child.stdin.end(readFileSync(RAW));
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  assert.equal(withoutLibtensorflow(stderr), '');
  assert.equal(code, 0);
  return stdout;
}

describe('the code of docs/reference/library.md runs as it stands', () => {
  const page = readFileSync(join(ROOT, 'docs/reference/library.md'), 'utf8');
  const blocks = [...page.matchAll(/^## (.+)$(?:(?!^## )[\s\S])*?^```js\n([\s\S]*?)^```$/gm)];
  const heard: Readonly<Record<string, readonly string[]>> = {
    'A microphone': ['alexa', 'computer'],
    'Thresholds and costs, while it runs': ['alexa'],
  };

  test('all of it', () => {
    assert.equal(blocks.length, 6);
    assert.equal(page.match(/^```js$/gm)?.length, blocks.length);
  });
  for (const [, title, program] of blocks) {
    test(title, { timeout: 60_000 }, async (t) => {
      const words = (await run(t, program)).match(new RegExp(NAMES.join('|'), 'g')) ?? [];
      const expected = heard[title] ?? NAMES;
      assert.deepEqual(words.slice(0, expected.length), expected);
    });
  }
});

describe('examples in the comments run', () => {
  const examples = ['src/spotter.ts', 'src/pipeline.ts', 'src/audio/microphone/microphone.ts'].flatMap(
    (path) =>
      [
        ...readFileSync(join(ROOT, path), 'utf8').matchAll(
          /^ *\* @example\n((?: *\* .*\n)+?)(?= *\*\/| *\* @)/gm,
        ),
      ].map(([, comment]) => ({ path, code: comment.replaceAll(/^ *\* /gm, '') })),
  );

  test('all of them are found', () => {
    assert.ok(examples.length >= 8);
  });

  const prelude = `
    import { KeywordSpotter, microphone, Listener, Classifier, FileSource, readPack, resolvePack } from 'wakegate';
    import { copyFileSync } from 'node:fs';`;
  const isWhole = ({ code }: { code: string }) => /const (spotter|pack) =/.test(code);

  for (const { path, code } of examples.filter(isWhole)) {
    test(`the first of ${path}`, { timeout: 60_000 }, async (t) => {
      const words = (await run(t, `${prelude}\n${code}`)).match(new RegExp(NAMES.join('|'), 'g'))!;
      assert.deepEqual(
        words,
        NAMES.filter((name) => words.includes(name)),
      );
      assert.ok(words.length >= 2);
    });
  }

  test('the others, with one spotter', { timeout: 60_000 }, async (t) => {
    const others = examples
      .filter((example) => !isWhole(example))
      .map(({ code }) =>
        code
          // What never ends is ended soon, or by the first word.
          .replace('60_000', '1_000')
          .replace("1,0' });", "1,0' }); spotter.once('detection', () => setTimeout(() => source.close()));"),
      );
    await run(
      t,
      `${prelude}
      copyFileSync('kitchen.wav', 'kitchen.flac');
      const blocks = [new Float32Array(96_000)];
      const spotter = await KeywordSpotter.load();
      ${others.map((code) => `{\n${code}\n}`).join('\n')}`,
    );
  });
});
