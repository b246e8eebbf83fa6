import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeWav } from '../../src/audio/index.js';
import { closedToOthers } from '../support/checkout.js';
import { s16le, voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess, wakegate } from '../support/wakegate-process.js';

/** What the machine, and not the user, may have wrong: an old Node, no home directory, variables of other programs. */

const MAIN = fileURLToPath(new URL('../../src/cli/main.cjs', import.meta.url));
const folder = temporaryFolder();
const pack = join(folder, 'pack');

before(async () => {
  await makeTinyPack(pack);
  writeFileSync(join(folder, 'word.wav'), writeWav(voice(16_000, 0.5), 16_000));
});

test('an older Node is named at the door, with what is supported', async (t) => {
  for (const version of ['14.21.3', '18.20.8', '20.18.3', '20.19.0', '24.1.0', '26.0.0']) {
    const preload = join(folder, `node-${version}.cjs`);
    writeFileSync(
      preload,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
    );
    const nodeFlags = ['--require', preload];
    const { code, stdout, stderr } = await wakegate(t, ['--version'], { nodeFlags });
    if (version < '20.19') {
      assert.equal(code, 1, version);
      assert.equal(stdout, '');
      assert.match(
        stderr,
        new RegExp(`^wakegate: Node\\.js ${version} .* is too old: 20\\.19 to 26 are supported`),
      );
    } else {
      assert.deepEqual([code, stderr], [0, ''], version);
    }
  }
});

test('a program on an older Node is told so when it imports wakegate', () => {
  const load = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });
    for (const name of ['index', 'training/index'])
      import(new URL('../../src/' + name + '.js', '${import.meta.url}').href).catch(({ message }) => console.log(message));`;
  const { stdout } = spawnSync(process.execPath, ['--eval', load], { encoding: 'utf8' });
  const lines = stdout.trim().split('\n');
  assert.equal(lines.length, 2, stdout);
  for (const line of lines)
    assert.match(line, /^wakegate does not run on Node\.js 18\.20\.8 .*20\.19 to 26 are supported/);
});

test('the door loads nothing before it has looked at the version', () => {
  // A module that is loaded is an argument of this loader.
  const hooks = `export async function resolve(specifier, context, next) {
    console.log(specifier);
    return next(specifier, context);
  }`;
  const register = `import { register } from 'node:module';
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });
    register('data:text/javascript,${encodeURIComponent(hooks).replaceAll("'", '%27')}');`;
  const { stdout } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(register)}`, MAIN],
    { encoding: 'utf8' },
  );
  const loaded = stdout
    .trim()
    .split('\n')
    .filter((specifier) => !specifier.startsWith('data:'));
  assert.deepEqual(
    loaded.map((specifier) => specifier.split('/').at(-1)),
    ['main.cjs'],
  );
});

test('variables that Kubernetes sets for a service called wakegate stop no command, and are named once', async (t) => {
  const env = { WAKEGATE_PORT: 'tcp://10.0.0.11:8765', WAKEGATE_SERVICE_HOST: '10.0.0.11' };
  const checked = await wakegate(t, ['config', 'check'], { env: { ...env, WAKEGATE_MODEL: pack } });
  assert.equal(checked.code, 0, checked.stderr);
  const args = ['run', '--model', pack, '--input', '-', '--port', '0', '--backend', 'wasm'];
  const { code, stdout, stderr } = await wakegate(t, args, { env, stdin: s16le(voice(16_000, 0.5)) });
  assert.equal(code, 0, stderr);
  const warnings = stdout.split('\n').filter((line) => /"level":"warn"/.test(line));
  assert.equal(warnings.length, 1, stdout);
  assert.match(warnings[0], /WAKEGATE_PORT, WAKEGATE_SERVICE_HOST are ignored/);
});

test('a list of files may come from an editor of Windows', async (t) => {
  const spoken = join(folder, 'Küche, früh.wav');
  writeFileSync(spoken, writeWav(voice(16_000, 0.5), 16_000));
  const list = join(folder, 'list.txt');
  for (const encoding of ['utf8', 'utf16le'] as const) {
    const bytes = Buffer.from(`\uFEFF${spoken}\r\n\r\n${spoken}\r\n`, encoding);
    writeFileSync(list, bytes);
    for (const [from, stdin] of [
      [list, ''],
      ['-', bytes],
    ] as const) {
      const args = ['detect', '--model', pack, '--backend', 'wasm', '--json', '--list', from];
      const { code, stdout, stderr } = await wakegate(t, args, { stdin });
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trim().split('\n').length, 2);
    }
  }
});

const skip =
  process.getuid?.() === 0 ? closedToOthers : 'only root can be a user that /etc/passwd does not know';

test('without a home directory everything works that needs none, and the rest says what to set', {
  skip,
}, async (t) => {
  const asNobody = (args: readonly string[]) =>
    spawnSync(process.execPath, [MAIN, ...args], {
      cwd: '/',
      env: { PATH: process.env.PATH },
      uid: 54_321,
      gid: 54_321,
      encoding: 'utf8',
    });
  const printed = asNobody(['config', 'print']);
  assert.equal(printed.status, 0, printed.stderr);
  const ran = asNobody(['run', '--port', '0']);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^wakegate: \[WG_STATE_UNUSABLE\] .*HOME is not set.*--state-directory/);
  const installed = asNobody(['service', 'install', '--user']);
  assert.match(installed.stderr, /^wakegate: \[WG_SERVICE_FAILED\] .*set HOME/);
  // With a folder it runs.
  const daemon = new WakegateProcess(
    t,
    ['run', '--model', pack, '--port', '0', '--state-directory', folder],
    {
      env: { HOME: '' },
    },
  );
  await daemon.url();
});
