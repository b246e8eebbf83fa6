import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from './support/free-port.js';
import { dockerRuns, readImage } from './support/image.js';
import { temporaryFolder } from './support/temp-folder.js';

/** The image's own command lines, in its environment, but for the folder of its volume and the port. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = temporaryFolder();
const image = readImage();
const documents = ['Dockerfile', 'docs/guides/raspberry-pi.md'].map((path) =>
  readFileSync(ROOT + path, 'utf8'),
);
const RUNS = documents.flatMap(dockerRuns);

/** A folder of programs in which arecord plays noise for ever. */
function recorders(): string {
  const bin = join(folder, `bin-${Math.random()}`);
  mkdirSync(bin);
  const noise = `#!${process.execPath}
const block = Buffer.alloc(2560);
if (process.argv.includes('-l')) console.log('card 0: Fake [Fake], device 0: Fake [Fake]');
else setInterval(() => {
  for (let i = 0; i < block.length; i += 2) block.writeInt16LE(Math.round(200 * Math.random()), i);
  process.stdout.write(block);
}, 80);
`;
  writeFileSync(join(bin, 'arecord'), noise, { mode: 0o755 });
  return bin;
}

class Container {
  readonly volume = join(folder, `volume-${Math.random()}`);
  readonly #environment: Record<string, string>;
  readonly #child: ChildProcess;
  #log = '';

  constructor(
    t: TestContext,
    port: number,
    environment: Readonly<Record<string, string>>,
    args: readonly string[],
  ) {
    mkdirSync(this.volume);
    this.#environment = {
      PATH: recorders(),
      ...image.environment,
      STATE_DIRECTORY: this.volume,
      WAKEGATE_PORT: String(port),
      ...environment,
    };
    const [program, ...words] = [...image.entrypoint, ...(args.length > 0 ? args : image.command)];
    assert.equal(program, 'node');
    this.#child = spawn(process.execPath, words, {
      cwd: ROOT,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 2],
    });
    this.#child.stdout!.on('data', (text) => {
      this.#log += text;
    });
    t.after(async () => {
      this.#child.kill('SIGKILL');
      if (this.#child.exitCode === null) await once(this.#child, 'exit').catch(() => {});
    });
  }

  get log(): string {
    return this.#log;
  }

  async logged(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#log)) {
      assert.equal(this.#child.exitCode, null, `it ended: ${this.#log}`);
      await sleep(20);
    }
  }

  /** The exit code of the health check, and what it says. */
  async health(): Promise<[code: number, said: string]> {
    const [program, ...words] = image.healthcheck;
    assert.equal(program, 'node');
    const check = promisify(execFile)(process.execPath, words, { cwd: ROOT, env: this.#environment });
    return check.then(
      ({ stdout }) => [0, stdout],
      ({ code, stderr }) => [code, stderr],
    );
  }

  async healthy(): Promise<void> {
    for (;;) {
      const [code, said] = await this.health();
      if (code === 0) return;
      assert.match(said, /\[WG_NOT_READY\]/);
    }
  }

  async stopped(): Promise<void> {
    this.#child.kill('SIGTERM');
    const [code] = await once(this.#child, 'exit');
    assert.equal(code, 0, this.#log);
  }
}

test('there are documented commands to run, for this machine and for others', () => {
  assert.ok(RUNS.length >= 3);
  assert.ok(RUNS.some(({ environment }) => environment.WAKEGATE_HOST === '127.0.0.1'));
  assert.ok(RUNS.some(({ environment }) => environment.WAKEGATE_HOST === undefined));
});

for (const [index, { text, environment, args }] of RUNS.entries()) {
  test(`documented command ${index + 1} starts, is healthy, and others need its token: ${text}`, async (t) => {
    const port = await freePort();
    const container = new Container(t, port, environment, args);
    await container.logged(/"msg":"Serving on /);
    await container.healthy();
    const status = `http://127.0.0.1:${port}/v1/status`;
    if (environment.WAKEGATE_HOST === '127.0.0.1') {
      assert.equal((await fetch(status)).status, 200);
    } else {
      const tokenFile = join(container.volume, 'token');
      assert.ok(container.log.includes(tokenFile), container.log);
      assert.equal(statSync(tokenFile).mode & 0o777, 0o600);
      assert.equal((await fetch(status)).status, 401);
      const token = readFileSync(tokenFile, 'utf8').trim();
      assert.ok(!container.log.includes(token));
      assert.equal((await fetch(status, { headers: { authorization: `Bearer ${token}` } })).status, 200);
    }
    await container.stopped();
  });
}

test('the token stays the same, a named one is used instead, and a lost microphone makes it unhealthy', async (t) => {
  const port = await freePort();
  const tokenFile = join(folder, 'kitchen.token');
  writeFileSync(tokenFile, 'abcdefghijklmnopqrstuvwxyz\n', { mode: 0o600 });
  const named = new Container(t, port, { WAKEGATE_TOKEN_FILE: tokenFile }, []);
  await named.logged(/Serving on/);
  await named.healthy();
  assert.throws(() => statSync(join(named.volume, 'token')), { code: 'ENOENT' });
  await named.stopped();

  const first = new Container(t, port, {}, []);
  await first.logged(/Serving on/);
  const token = readFileSync(join(first.volume, 'token'), 'utf8');
  await first.stopped();
  const deaf = join(folder, 'deaf');
  mkdirSync(deaf);
  writeFileSync(join(deaf, 'arecord'), `#!${process.execPath}\nprocess.exit(1);\n`, { mode: 0o755 });
  const second = new Container(t, port, { STATE_DIRECTORY: first.volume, PATH: deaf }, []);
  await second.logged(/"msg":"The microphone is lost/);
  assert.equal(readFileSync(join(first.volume, 'token'), 'utf8'), token);
  const [code, said] = await second.health();
  assert.equal(code, 1);
  assert.match(said, /^wakegate: \[WG_NOT_READY\]/);
});

const docker = (args: readonly string[]) => spawnSync('docker', args, { cwd: ROOT, encoding: 'utf8' });
const skip = docker(['info']).status === 0 ? false : 'no docker daemon answers';

test('the image is built, starts, and answers its own commands', { skip }, async (t) => {
  const built = docker(['build', '--tag', 'wakegate-test', '.']);
  assert.equal(built.status, 0, built.stderr);
  const name = `wakegate-test-${process.pid}`;
  t.after(() => docker(['rm', '--force', '--volumes', name]));
  const run = docker(['run', '--detach', '--name', name, '--publish', '127.0.0.1::8765', 'wakegate-test']);
  assert.equal(run.status, 0, run.stderr);
  const inside = (...words: string[]) => docker(['exec', name, ...words]);
  while (!docker(['logs', name]).stdout.includes('"msg":"Serving on ')) {
    assert.equal(docker(['inspect', '--format', '{{.State.Running}}', name]).stdout.trim(), 'true');
    await sleep(200);
  }
  const health = inside(...image.healthcheck);
  assert.match(health.stderr, /\[WG_NOT_READY\]/); // it was given no microphone
  assert.match(inside('wakegate', 'status').stdout, /^wakegate \d/);
  const token = inside('cat', '/var/lib/wakegate/token').stdout.trim();
  const address = docker(['port', name, '8765']).stdout.trim();
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await fetch(`http://${address}/v1/status`, { headers })).status, 200);
  assert.equal((await fetch(`http://${address}/v1/status`)).status, 401);
});
