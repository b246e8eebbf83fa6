import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findRecorder } from '../../src/audio/index.js';
import { rehearse } from '../../src/systemd/rehearse.js';
import { closedToServices } from '../support/checkout.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { wakegate } from '../support/wakegate-process.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.cjs', import.meta.url));
const TOKEN = 'abcdefghijklmnopqrstuvwxyz';
const NOBODY = 65_534;

const isRoot = process.getuid?.() === 0;
// Anything in /tmp is hidden from the service.
const folder = isRoot ? mkdtempSync('/run/wakegate test-') : temporaryFolder();
after(() => rmSync(folder, { recursive: true, force: true }));

before(async () => {
  chmodSync(folder, 0o755);
  await makeTinyPack(join(folder, 'pack'));
  writeFileSync(join(folder, 'kitchen.token'), `${TOKEN}\n`, { mode: 0o600 });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin/arecord'),
    `#!${process.execPath}\nsetInterval(() => process.stdout.write(Buffer.alloc(2560)), 80);\n`,
    {
      mode: 0o755,
    },
  );
});

function settings(name: string, text: string, mode = 0o644): string {
  const path = join(folder, name);
  writeFileSync(path, `model: ./pack\nport: 0\n${text}`);
  chmodSync(path, mode);
  return path;
}

/** The lowest port that is not for root alone. */
const lowestPort = () => Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));

const lineOf = (unit: string, name: string) => unit.match(new RegExp(`^${name}=(.*)$`, 'm'))?.[1];

const skip = !isRoot
  ? 'only root can be the user that systemd makes'
  : closedToServices || (findRecorder() === null && 'no recorder is installed');

suite('a service of the machine', {
  skip,
}, () => {
  test('is handed the token that only root can read, and serves with it', async (t) => {
    const path = settings('good.yaml', 'host: 0.0.0.0\ntokenFile: kitchen.token\n');
    const printed = await wakegate(t, ['service', 'install', '--print', '--config', path], { cwd: '/' });
    assert.deepEqual([printed.code, printed.stderr], [0, '']);
    const [name, file] = lineOf(printed.stdout, 'LoadCredential')!.split(/:(.*)/s);
    assert.equal(file, join(folder, 'kitchen.token'));
    const words = lineOf(printed.stdout, 'ExecStart')!
      .match(/"[^"]*"|\S+/g)!
      .map((word) => word.replaceAll('"', ''));

    // As systemd does.
    const credentials = join(folder, 'credentials');
    const state = join(folder, 'state');
    for (const made of [credentials, state]) {
      mkdirSync(made, { mode: 0o700 });
      chownSync(made, NOBODY, NOBODY);
    }
    copyFileSync(file, join(credentials, name));
    chownSync(join(credentials, name), NOBODY, NOBODY);
    const start = (env: Record<string, string>) => {
      const child = spawn(words[0], words.slice(1), {
        cwd: '/',
        uid: NOBODY,
        gid: NOBODY,
        env: { PATH: join(folder, 'bin'), STATE_DIRECTORY: state, ...env },
      });
      t.after(() => child.kill('SIGKILL'));
      return child;
    };
    const service = start({ CREDENTIALS_DIRECTORY: credentials });
    let log = '';
    while (!log.includes('"msg":"Serving on ')) log += (await once(service.stdout, 'data'))[0];
    const port = log.match(/Serving on \S+:(\d+)/)![1];
    const status = (headers = {}) => fetch(`http://127.0.0.1:${port}/v1/status`, { headers });
    assert.equal((await status()).status, 401);
    assert.equal((await status({ authorization: `Bearer ${TOKEN}` })).status, 200);

    // Without it, it cannot read the token.
    const [code] = await once(start({ STATE_DIRECTORY: join(folder, 'none') }), 'exit');
    assert.equal(code, 2);
  });

  for (const [what, text, says] of [
    ['a port that only root may use', 'port: 80\n', /port 80 may not be used/],
    [
      'a state directory that is not its own',
      'stateDirectory: /srv/wakegate\n',
      /may write nowhere but.*leave out stateDirectory/,
    ],
    ['a pack that it cannot read', 'model: ./locked/pack\n', /locked\/pack/],
    ['a keyword that the pack does not have', 'keywords: { tow: {} }\n', /no keyword tow/],
  ] as const) {
    test(`would not run with ${what}`, async (t) => {
      if (what.includes('port') && lowestPort() <= 80) return t.skip('everyone may use port 80 here');
      mkdirSync(join(folder, 'locked'), { recursive: true, mode: 0o700 });
      if (!existsSync(join(folder, 'locked/pack'))) await makeTinyPack(join(folder, 'locked/pack'));
      const name = text.split(':')[0];
      const path = settings('bad.yaml', '');
      const others = readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => !line.startsWith(`${name}:`));
      writeFileSync(path, `${others.join('\n')}\n${text}`);
      const args = ['service', 'install', '--print', '--config', path];
      const { code, stderr } = await wakegate(t, args, { cwd: '/' });
      assert.equal(code, 0);
      assert.match(stderr, /^wakegate: here, the service would not run: /);
      assert.match(stderr, says);
    });
  }

  test('is not installed with settings that only root can read, or that are in /tmp', async (t) => {
    const install = (path: string) => wakegate(t, ['service', 'install', '--config', path], { cwd: '/' });
    const secret = settings('secret.yaml', '', 0o600);
    assert.match(
      (await install(secret)).stderr,
      /its user cannot read .*secret\.yaml is closed to others: run chmod o\+r/,
    );
    const inTmp = join(temporaryFolder(), 'wakegate.yaml');
    writeFileSync(inTmp, 'logLevel: info\n');
    assert.match(
      (await install(inTmp)).stderr,
      /wakegate\.yaml is in a folder that it does not see: move it out of \/tmp/,
    );
    // What is only printed may be meant for another machine.
    const printed = await wakegate(t, ['service', 'install', '--print', '--config', secret]);
    assert.equal(printed.code, 0);
    assert.match(printed.stdout, /^\[Unit\]/);
    assert.match(printed.stderr, /the service would not run: its user cannot read/);
  });

  test('needs a Node and a wakegate that everyone can run', async () => {
    const home = join(folder, 'home');
    mkdirSync(join(home, '.nvm'), { recursive: true });
    chmodSync(home, 0o700);
    const node = join(home, '.nvm/node');
    writeFileSync(node, `#!/bin/sh\nexec ${process.execPath} "$@"\n`, { mode: 0o755 });
    const script = join(home, 'main.js');
    writeFileSync(script, '');
    const common = { scope: 'system', tokenName: 'wakegate.token', settings: {} } as const;
    assert.match(
      (await rehearse({ ...common, node, script: MAIN }))!,
      /its user cannot read .*\.nvm\/node, as .*\/home is closed to others: put it where everyone can read it/,
    );
    assert.match(
      (await rehearse({ ...common, node: process.execPath, script }))!,
      /home\/main\.js, as .*\/home is closed to others/,
    );
  });
});

suite('a service of a user', () => {
  const own = join(folder, 'config');
  const calls = join(folder, 'calls');
  const env = () => {
    const bin = join(folder, 'user bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >> '${calls}'\n`, { mode: 0o755 });
    return { XDG_CONFIG_HOME: own, PATH: `${bin}:${join(folder, 'bin')}:${process.env.PATH}` };
  };
  const unit = join(own, 'systemd/user/wakegate.service');

  test('is not installed with settings that run refuses, whatever variables this shell has', async (t) => {
    const path = settings('user-bad.yaml', 'host: 0.0.0.0\ntokenFile: gone.token\n');
    const args = ['service', 'install', '--user', '--config', path];
    const { code, stderr } = await wakegate(t, args, { env: { ...env(), WAKEGATE_HOST: '127.0.0.1' } });
    assert.equal(code, 2);
    assert.match(stderr, /gone\.token is not there/);
    assert.ok(!existsSync(unit));
  });

  test('is installed and started otherwise, and reads its token itself', async (t) => {
    const path = settings('user-good.yaml', 'host: 0.0.0.0\ntokenFile: kitchen.token\n');
    const args = ['service', 'install', '--user', '--config', path];
    const { code, stdout, stderr } = await wakegate(t, args, {
      env: { ...env(), WAKEGATE_LOG_LEVEL: 'warn' },
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `Installed and started: ${unit}\n`);
    assert.match(stderr, /does not get WAKEGATE_LOG_LEVEL from this shell/);
    assert.doesNotMatch(readFileSync(unit, 'utf8'), /LoadCredential/);
    assert.deepEqual(readFileSync(calls, 'utf8').trim().split('\n'), [
      '--user daemon-reload',
      '--user enable wakegate.service',
      '--user restart wakegate.service',
    ]);
  });
});
