import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { temporaryFolder } from '../support/temp-folder.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const require = createRequire(import.meta.url);
/** npm's answer where the registry is out of reach; anything else that it fails with is a fault. */
const OFFLINE = /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/;
const folder = temporaryFolder();

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of a program that is run to its end, in a folder with none of this repository's settings. */
function run(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|WAKEGATE_|NODE_OPTIONS|NODE_TEST)/i.test(name)),
  );
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) || 1 : 0, stdout, stderr });
    });
  });
}

const node = (args: readonly string[], cwd: string) => run(process.execPath, args, cwd);

function assertEnded({ code, stdout, stderr }: Ended): void {
  assert.equal(code, 0, `${stdout}\n${stderr}`);
}

/** The programs that README.md shows: each of its js blocks is a whole one. */
function readmePrograms(): string[] {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, program]) => program);
}

describe('the package', { timeout: 600_000 }, () => {
  let tarball: string;
  let files: string[];

  before(async () => {
    // What has been built already is packed; test/package/build.test.ts has what is done beforehand for others.
    const packed = await run(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
      ROOT,
    );
    assertEnded(packed);
    const [{ filename, files: entries }] = JSON.parse(packed.stdout);
    tarball = join(folder, filename);
    files = entries.map(({ path }: { path: string }) => path);
  });

  test('has what its exports and commands name, and nothing of tests and benches', () => {
    const { exports, bin, main } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const named = [...Object.values(exports), bin, main].flatMap((entry) =>
      typeof entry === 'object' ? Object.values(entry as object) : (entry ?? []),
    ) as string[];
    for (const path of named) assert.ok(files.includes(posix.normalize(path)), path);
    assert.ok(files.includes('samples/demo.wav'));
    assert.deepEqual(
      files.filter((path) => /^(dist\/)?(test|bench|node_modules)\/|tsbuildinfo/.test(path)),
      [],
    );
  });

  test('has the source that each source map leads to', () => {
    const maps = files.filter((path) => path.endsWith('.map'));
    assert.ok(maps.length > 100);
    for (const map of maps) {
      const { sources } = JSON.parse(readFileSync(join(ROOT, map), 'utf8')) as { sources: string[] };
      for (const source of sources) assert.ok(files.includes(posix.join(dirname(map), source)), map);
    }
  });

  test('has nothing that publint complains about', async () => {
    const bytes = readFileSync(tarball);
    const { messages, pkg } = await publint({
      strict: true,
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
    });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
  });

  test('has types that resolve as its modules do', async () => {
    // Of ES modules only: resolution as Node 10 had it knows no exports.
    const attw = join(dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js');
    assertEnded(await node([attw, '--profile', 'esm-only', '--no-color', tarball], folder));
  });

  describe('installed into an empty folder', () => {
    const project = join(folder, 'project');
    let offline: string | false = false;

    before(async () => {
      mkdirSync(project);
      writeFileSync(join(project, 'package.json'), '{ "name": "project", "private": true }\n');
      const options = [
        '--prefer-offline',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--fetch-retries=1',
      ];
      const installed = await run('npm', ['install', ...options, tarball], project);
      if (OFFLINE.test(installed.stderr)) offline = 'the npm registry cannot be reached';
      else assertEnded(installed);
      // What npm says of a tree that it cannot have as the packages ask for it: engines, peers.
      assert.doesNotMatch(installed.stderr, /EBADENGINE|ERESOLVE|deprecated wakegate/);
      copyFileSync(join(ROOT, 'samples/demo.wav'), join(project, 'demo.wav'));
    });

    test("runs the README's programs, each to its end", async (t) => {
      if (offline) return t.skip(offline);
      const programs = readmePrograms();
      assert.ok(programs.length >= 1);
      for (const [number, program] of programs.entries()) {
        const file = join(project, `readme-${number}.mjs`);
        writeFileSync(file, program);
        const ended = await node([file], project);
        assertEnded(ended);
        assert.match(ended.stdout, /alexa/);
      }
    });

    test('runs from CommonJS too', async (t) => {
      if (offline) return t.skip(offline);
      const program = "const { readPack, resolvePack } = require('wakegate'); require('wakegate/client');";
      const read = "resolvePack('wake-words-en').then(readPack).then((pack) => console.log(pack.name));";
      const ended = await node(['-e', program + read], project);
      assertEnded(ended);
      assert.equal(ended.stdout, 'wake-words-en\n');
    });

    test('has the command, which detects by the bundled pack', async (t) => {
      if (offline) return t.skip(offline);
      const ended = await run(join(project, 'node_modules/.bin/wakegate'), ['detect', 'demo.wav'], project);
      assertEnded(ended);
      assert.match(ended.stdout, /^demo\.wav +\d+\.\d+ s +alexa/m);
    });

    test('does without meyda, and says so where it is asked for', async (t) => {
      if (offline) return t.skip(offline);
      const command = join(project, 'node_modules/wakegate/dist/src/cli/main.cjs');
      const detected = await node([command, 'detect', '--mfcc', 'meyda', 'demo.wav'], project);
      assert.equal(detected.code, 1);
      assert.match(detected.stderr, /mfcc meyda cannot be used .*npm install meyda/);
      const findings = async (...args: string[]) => {
        const { stdout } = await node([command, 'doctor', '--json', ...args], project);
        return JSON.parse(stdout).findings.find(({ about }: { about: string }) => about === 'MFCC');
      };
      const byDefault = await findings();
      assert.equal(byDefault.state, 'right');
      assert.match(byDefault.says, /meyda is not installed/);
      assert.equal((await findings('--mfcc', 'meyda')).state, 'wrong');
    });

    test('compiles in a program for Node, with the types of all its entries', async (t) => {
      if (offline) return t.skip(offline);
      writeFileSync(
        join(project, 'program.mts'),
        "import { type Detection, readPack, WakegateError } from 'wakegate';\n" +
          "import { WakegateClient } from 'wakegate/client';\n" +
          "import { GatedCompression } from 'wakegate/training';\n" +
          "export const status = () => new WakegateClient({ url: 'http://127.0.0.1:8765' }).status();\n" +
          'export const scoreOf = ({ score }: Detection): number => score;\n' +
          'export default [readPack, WakegateError, GatedCompression];\n',
      );
      const options = [
        '--noEmit',
        '--strict',
        '--target',
        'es2023',
        '--module',
        'nodenext',
        '--skipLibCheck',
      ];
      const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
      assertEnded(
        await node([require.resolve('typescript/bin/tsc'), ...options, ...types, 'program.mts'], project),
      );
    });
  });
});
